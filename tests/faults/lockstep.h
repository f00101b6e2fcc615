/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's thread without a thread, and its time without waiting: g_thread_new(), g_thread_join(), poll() and
 * GLib's clocks of what is linked with --wrap (see CMakeLists.txt), and common/timer.h, come here. The thread's function runs as a
 * coroutine until it would sleep in poll(), so that every run of the same seed is the same. */
#ifndef DAYWIRE_TESTS_FAULTS_LOCKSTEP_H
#define DAYWIRE_TESTS_FAULTS_LOCKSTEP_H

#include <stdint.h>

/* Time begins anew. No thread may be there. */
void lockstep_reset(void);

/* Runs the thread until it sleeps. */
void lockstep_run(void);
/* The same, and lets so much time pass while it sleeps. */
void lockstep_pass(int64_t microseconds);

#endif
