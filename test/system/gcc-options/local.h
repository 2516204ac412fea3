#ifdef __cplusplus
template <typename T> T twice(T x) {
    return x + x;
}
#else
#define twice(x) ((x) + (x))
#endif
