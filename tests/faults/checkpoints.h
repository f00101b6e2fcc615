/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints after a few pages in place of megabytes: what the store hears of the log's size goes through here (--wrap
 * in CMakeLists.txt). */
#ifndef DAYWIRE_TESTS_FAULTS_CHECKPOINTS_H
#define DAYWIRE_TESTS_FAULTS_CHECKPOINTS_H

/* From so many pages in the log on; INT_MAX: never. */
void checkpoints_come_at(int pages);

#endif
