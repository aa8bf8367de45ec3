/* Inner loops over arrays that Python holds: what NumPy would do array by array is done here row by row.
 *
 * Each function does in doubles, operation by operation, what its twin in NumPy does, and gives the same bits; it is
 * compiled without fused operations and calls no function that a library may round in its own way. Nothing is kept
 * between calls. Matrices are rows by columns, the columns of a row beside each other. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef _WIN32
#define OFFERED __declspec(dllexport)
#else
#define OFFERED __attribute__((visibility("default")))
#endif

/* Loops over many columns are compiled twice where the compiler and the system can choose between both as the library is
 * loaded: with wider registers for processors that have them. Each lane rounds as a single number does, so the bits are the same. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#define INLINED inline __attribute__((always_inline))
#define APART _Pragma("GCC ivdep")
#else
#define WIDE
#define INLINED inline
#define APART
#endif

#include "boardings.h"
#include "profile_search.h"
#include "nodes.h"
#include "rides.h"
#include "rooms.h"
#include "stretches.h"
#include "windows.h"
#include "foresight.h"

/* The number of the sources that this library was made of; see build.py. */
OFFERED uint64_t peakshift_source(void) { return PEAKSHIFT_SOURCE; }
