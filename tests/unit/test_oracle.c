/* A ledger made by the program, read by the second implementation in tests/oracle. */
#include <fcntl.h>
#include <jansson.h>
#include <sys/wait.h>

#include "tests/unit/ledger_kit.h"

#define ENTRIES 300 /* a full bundle, a partial one, and a level above */

/* Write one served resource to its path below ${dir}. */
static void write_file(const char *dir, const char *path, const struct buf *bytes)
{
    char name[256];
    snprintf(name, sizeof(name), "%s/%s", dir, path);
    for (char *slash = name + strlen(dir) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(name, 0700);
        *slash = '/';
    }
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes->data, 1, bytes->bytes, file), bytes->bytes);
    assert_int_equal(fclose(file), 0);
}

static void write_tile(struct kit *kit, const struct tile *tile)
{
    struct buf path = {0}, bytes = {0};
    tile_format(tile, &path);
    assert_int_equal(ledger_tile(kit->ledger, tile, &bytes, &kit->why), ERR_OK);
    write_file(kit->dir, (const char *)path.data, &bytes);
    buf_free(&path);
    buf_free(&bytes);
}

/* Write all that the ledger serves at its size to kit->dir. */
static void write_all(struct kit *kit, uint64_t size)
{
    struct buf note = {0};
    unsigned width;
    assert_int_equal(ledger_checkpoint(kit->ledger, &note, &kit->why), ERR_OK);
    write_file(kit->dir, "checkpoint", &note);
    buf_free(&note);
    for (unsigned level = 0; level <= TILE_LEVEL_MAX; level++) {
        for (uint64_t i = 0; (width = tile_width_at(size, level, i)) > 0; i++) {
            struct tile tile = {TILE_HASHES, level, i, width};
            write_tile(kit, &tile);
            tile = (struct tile){TILE_ENTRIES, 0, i, width};
            if (level == 0)
                write_tile(kit, &tile);
            tile.kind = TILE_EVENTS;
            if (level == 0)
                write_tile(kit, &tile);
        }
    }
}

/* Run the oracle over ${dir}; both of its outputs go to dir/said.  Its exit code. */
static int run_oracle(const char *dir)
{
    char said[256];
    int status = 0;
    snprintf(said, sizeof(said), "%s/said", dir);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int fd = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execlp("python3", "python3", COUNTERSIGN_SOURCE "/tests/oracle/oracle.py", "tiles", dir,
               (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *said_by_oracle(const char *dir)
{
    struct buf text = {0};
    char name[256], piece[4096];
    snprintf(name, sizeof(name), "%s/said", dir);
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    for (size_t got; (got = fread(piece, 1, sizeof(piece), file)) > 0;)
        buf_add(&text, piece, got);
    fclose(file);
    return buf_take_text(&text);
}

static void is_hex(const json_t *value, const uint8_t hash[HASH_BYTES])
{
    uint8_t found[HASH_BYTES];
    assert_true(bytes_from_hex(json_string_value(value), found, HASH_BYTES));
    assert_memory_equal(found, hash, HASH_BYTES);
}

static void agrees(struct kit *kit, uint64_t size, const json_t *result)
{
    const json_t *leaves = json_object_get(result, "leaves");
    uint8_t root[HASH_BYTES];
    assert_int_equal(json_integer_value(json_object_get(result, "size")), size);
    assert_int_equal(json_array_size(leaves), size);
    assert_int_equal(json_array_size(json_object_get(result, "skipped")), 0);
    assert_true(json_integer_value(json_object_get(result, "signatures")) > (json_int_t)size + 1);
    assert_int_equal(ledger_root(kit->ledger, size, root, &kit->why), ERR_OK);
    is_hex(json_object_get(result, "root"), root);
    for (uint64_t seq = 0; seq < size; seq++) {
        struct record *record = NULL;
        assert_int_equal(ledger_read(kit->ledger, seq, &record, &kit->why), ERR_OK);
        is_hex(json_array_get(leaves, seq), record->leaf);
        ledger_record_free(record);
    }
}

static void test_oracle_agrees(void **state)
{
    (void)state;
    struct kit kit;
    uint64_t size = 0;
    kit_new(&kit);
    kit_fill(&kit, ENTRIES);
    assert_int_equal(ledger_size(kit.ledger, &size, &kit.why), ERR_OK);
    assert_true(size >= ENTRIES);
    write_all(&kit, size);
    int code = run_oracle(kit.dir);
    char *said = said_by_oracle(kit.dir);
    if (code != 0)
        fail_msg("exit %d: %s", code, said);
    json_t *result = json_loads(said, 0, NULL);
    assert_non_null(result);
    agrees(&kit, size, result);
    json_decref(result);
    free(said);
    kit_end(&kit);
}

/* The oracle can say no: with one bit of one entry or event flipped it names that entry. */
static void test_oracle_names_the_entry(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_fill(&kit, 8);
    uint64_t size = 0;
    assert_int_equal(ledger_size(kit.ledger, &size, &kit.why), ERR_OK);
    const enum tile_kind kinds[] = {TILE_ENTRIES, TILE_EVENTS};
    for (size_t i = 0; i < 2; i++) {
        const struct tile tile = {kinds[i], 0, 0, tile_width_at(size, 0, 0)};
        struct buf path = {0}, bytes = {0};
        write_all(&kit, size);
        tile_format(&tile, &path);
        assert_int_equal(ledger_tile(kit.ledger, &tile, &bytes, &kit.why), ERR_OK);
        bytes.data[bytes.bytes - 1] ^= 4; /* in what belongs to the last entry */
        write_file(kit.dir, (const char *)path.data, &bytes);
        assert_int_equal(run_oracle(kit.dir), 1);
        char *said = said_by_oracle(kit.dir), want[32];
        snprintf(want, sizeof(want), "seq %d: ", (int)size - 1);
        assert_memory_equal(said, want, strlen(want));
        free(said);
        buf_free(&path);
        buf_free(&bytes);
    }
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle_agrees),
        cmocka_unit_test(test_oracle_names_the_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
