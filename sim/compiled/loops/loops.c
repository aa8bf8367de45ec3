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

#include "boardings.h"
#include "profile_search.h"
#include "stretches.h"
#include "windows.h"

/* The number of the sources that this library was made of; see build.py. */
OFFERED uint64_t peakshift_source(void) { return PEAKSHIFT_SOURCE; }
