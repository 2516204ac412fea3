/* Terminals of the caller's that the session is given as they are, as standard input, output or error. */
#pragma once

/* Puts the same terminals, as a mount shows them that is read-only, in their place: who may use them is their owner's to
 * change, and that is the session's root. What is written to a device is not the mount's business. In a process that sees the
 * host's tree, and may mount. */
void handed_protect(void);
/* The same for other devices: PID 1 of a session that is joined has them for a moment. */
void handed_protect_devices(void);
