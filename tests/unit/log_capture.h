/* SPDX-License-Identifier: Apache-2.0 */
/* What is logged, kept for a look: standard error of the whole process goes to a file in memory. One at a time. */
#ifndef DAYWIRE_TESTS_LOG_CAPTURE_H
#define DAYWIRE_TESTS_LOG_CAPTURE_H

void log_capture_begin(void);
/* All that was written since. g_free it. */
char *log_capture_end(void);

#endif
