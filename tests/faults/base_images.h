/* SPDX-License-Identifier: Apache-2.0 */
/* What is on the disk when a run begins. */
#ifndef DAYWIRE_TESTS_FAULTS_BASE_IMAGES_H
#define DAYWIRE_TESTS_FAULTS_BASE_IMAGES_H

#include "disk.h"
#include "oracle.h"

/* LOG and CHECKPOINT hold old statements and a feed, in the log beside the file and in the file; OLD_TABLES holds the
 * statements in the first version of the schema, which has no feeds. */
typedef enum { BASE_NOTHING, BASE_TABLES, BASE_LOG, BASE_CHECKPOINT, BASE_OLD_TABLES, BASE_COUNT } Base;

/* Makes them all, with the store itself. After disk_init() and fault_vfs_register(). */
void base_images_init(const char *path);
void base_images_end(void);

/* NULL for NOTHING. */
DiskImage *base_image(Base base);
/* Tells oracle and bus of what is there. After fake_bus_reset(). */
void base_image_introduce(Base base, Oracle *oracle);

#endif
