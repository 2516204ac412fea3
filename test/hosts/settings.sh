# Sourced by image and vm: where things are kept, and what the distributions are.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/xbuild-env-hosts
mkdir -p "$cache"
PATH=$PATH:/usr/sbin:/sbin
distributions='debian12 debian13'

die() {
	echo "$0: $*" >&2
	exit 1
}

# codename DISTRIBUTION
codename() {
	case $1 in
	debian12) echo bookworm ;;
	debian13) echo trixie ;;
	*) die "no distribution $1; there are: $distributions" ;;
	esac
}
