#include <jni.h>

#if defined __mips64
#define MACHINE "mips64"
#elif defined __aarch64__
#define MACHINE "aarch64"
#endif

JNIEXPORT jstring JNICALL Java_Native_machine(JNIEnv *env, jclass class) {
    (void)class;
    return (*env)->NewStringUTF(env, MACHINE);
}
