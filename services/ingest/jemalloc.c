/* SPDX-License-Identifier: Apache-2.0 */
/* How jemalloc is set up, which reads this when the program starts; MALLOC_CONF in the environment adds to it. Of release
 * builds alone. */
#include <jemalloc/jemalloc.h>

/* What one thread allocates another one frees: with an arena a thread, much would lie free in all of them. What lies free goes
 * back to the system after 0.3 s, not 10. */
const char *malloc_conf = "narenas:1,dirty_decay_ms:300,muzzy_decay_ms:0";
