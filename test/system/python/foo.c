#include <Python.h>

static PyObject *add(PyObject *self, PyObject *arguments) {
    long a, b;
    (void)self;
    return PyArg_ParseTuple(arguments, "ll", &a, &b) ? PyLong_FromLong(a + b) : NULL;
}

static PyMethodDef methods[] = {{"add", add, METH_VARARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "foo", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_foo(void) {
    return PyModule_Create(&module);
}
