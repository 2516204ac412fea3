/* Loaded into a host-native python, of which lib/twins/python.ts makes it a library: before python looks for any module
 * that is not in itself, this runs the prelude (shims/python/prelude.py), with all of python's options left as they are.
 *
 * An audit hook is the one thing of which python says that it can be set before python begins:
 * https://docs.python.org/3/c-api/sys.html#c.PySys_AddAuditHook. Its events are listed there as well. */
#include "../activator/sys.h"
#include "../places.h"

/* Of python's C API, whose headers are not needed for as much. */
typedef struct object object;
int PySys_AddAuditHook(int (*hook)(const char *event, object *arguments, void *state), void *state);
int PyRun_SimpleStringFlags(const char *program, void *flags);
int PyUnicode_CompareWithASCIIString(object *text, const char *other);
object *PyTuple_GetItem(object *tuple, long index);

/* In names of its own: __main__ gets none. */
#define RUN_PRELUDE                                                                                                            \
    "exec('with open(\"" PLACE_PYTHON_PRELUDE                                                                                  \
    "\", \"rb\") as file: code = compile(file.read(), file.name, \"exec\")\\nexec(code)',"                                     \
    " {'__name__': 'xbuild-env'})"

/* Python is ready for it when it imports site; where it is told not to, when it begins the program. */
static int is_time(const char *event, object *arguments) {
    if (starts(event, "cpython.run_")) return 1;
    return same(event, "import") && PyUnicode_CompareWithASCIIString(PyTuple_GetItem(arguments, 0), "site") == 0;
}

/* An error that is returned ends what python is about to do. */
static int on_event(const char *event, object *arguments, void *state) {
    int *has_run = state;
    if (*has_run || !is_time(event, arguments)) return 0;
    *has_run = 1;
    return PyRun_SimpleStringFlags(RUN_PRELUDE, (void *)0);
}

__attribute__((constructor)) static void begin(void) {
    static int has_run;
    if (PySys_AddAuditHook(on_event, &has_run) < 0) __builtin_trap(); /* out of memory, before there is anything to lose */
}
