/* SPDX-License-Identifier: Apache-2.0 */
#include "log_capture.h"

#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

#include <glib.h>

static int captured = -1;
static int standard_error = -1;

void log_capture_begin(void)
{
    captured = memfd_create("log", MFD_CLOEXEC);
    standard_error = dup(STDERR_FILENO);
    assert_true(captured >= 0 && standard_error >= 0);
    assert_int_equal(dup2(captured, STDERR_FILENO), STDERR_FILENO);
}

char *log_capture_end(void)
{
    assert_int_equal(dup2(standard_error, STDERR_FILENO), STDERR_FILENO);
    off_t size = lseek(captured, 0, SEEK_END);
    char *text = g_malloc0((size_t)size + 1);
    assert_int_equal(pread(captured, text, (size_t)size, 0), size);
    (void)close(captured);
    (void)close(standard_error);
    return text;
}
