/* The compiled engine. */
#include <stdint.h>

#ifdef _WIN32
#define OFFERED __declspec(dllexport)
#else
#define OFFERED __attribute__((visibility("default")))
#endif

/* The number of the sources that this library was made of; see build.py. */
OFFERED uint64_t peakshift_source(void) { return PEAKSHIFT_SOURCE; }
