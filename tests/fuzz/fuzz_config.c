/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration files: loaded, or refused with a message. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/config/config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = memfd_create("daywire.ini", 0);
    EXPECT(file >= 0);
    EXPECT(write(file, data, size) == (ssize_t)size);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", file);
    char variable[] = "DAYWIRE_GATEWAY_LISTEN=127.0.0.1:1";
    char *const environment[] = {variable, NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(path, environment, &error);
    EXPECT(!config == !!error);
    if (config)
        EXPECT(config_integer(config, "topics", "partitions") >= 1);
    EXPECT(close(file) == 0);
    return 0;
}
