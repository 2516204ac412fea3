#!/bin/sh
# Installs xbuild-env into a development container, as root, while its image is made. The container's user can use it then.
# https://containers.dev/implementors/features/: SOURCE is the option, _REMOTE_USER whom the container is for.
set -eu
user=${_REMOTE_USER:-root}
data=/var/lib/xbuild-env

export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
# What docs/hosts.md names.
apt-get -qq -y --no-install-recommends install \
	mmdebstrap uidmap util-linux bsdutils debian-archive-keyring gpgv gpg xz-utils ca-certificates
command -v node >/dev/null || apt-get -qq -y --no-install-recommends install nodejs npm
node -e 'process.exitCode = Number.parseInt(process.versions.node) < 20 ? 1 : 0' || {
	echo "xbuild-env: Node 20 or later is needed, and this is $(node --version): add the feature ghcr.io/devcontainers/features/node" >&2
	exit 1
}
npm install --global --no-audit --no-fund --loglevel=error "${SOURCE:-xbuild-env}"

# A volume begins as what the image has in its place, its owner too. Overlayfs cannot keep changes on the container's own file system.
mkdir -p "$data"
chown "$user": "$data"
# Most users of images are made without. Nobody else has them: the ranges begin behind all that are there.
if [ "$user" != root ]; then
	for file in /etc/subuid /etc/subgid; do
		grep -q "^$user:" "$file" 2>/dev/null && continue
		first=$(awk -F: '{end = $2 + $3; if (end > last) last = end} END {print last > 100000 ? last : 100000}' "$file" 2>/dev/null || echo 100000)
		echo "$user:$first:65536" >>"$file"
	done
fi
