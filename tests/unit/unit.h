/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka asks for these headers before its own. */
#ifndef DAYWIRE_TESTS_UNIT_H
#define DAYWIRE_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
