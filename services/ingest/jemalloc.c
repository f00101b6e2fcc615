/* SPDX-License-Identifier: Apache-2.0 */
/* In release builds alone: jemalloc reads this when the program starts. MALLOC_CONF in the environment adds to it. */
#include <jemalloc/jemalloc.h>

/* What one thread allocates another one frees: with an arena a thread, much would lie free in all of them. What lies free goes
 * back to the system after 0.3 s, not 10, and also while nothing is allocated any more. */
const char *malloc_conf = "narenas:1,dirty_decay_ms:300,background_thread:true,max_background_threads:1";
