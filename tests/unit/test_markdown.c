#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay/markdown.h"
#include "replay/shape.h"

static const char *const kinds[] = {"heading", "rule", "line", "entry", "fence", "html", "code"};

/* Each block as "line kind[level] [box] text{fence}<entry"; lines that continue with "+". */
static void expect(const char *source, const char *expected)
{
    struct markdown markdown;
    struct buf text = {0};
    markdown_parse(span_of(source), &markdown);
    for (size_t i = 0; i < markdown.block_count; i++) {
        const struct block *block = &markdown.blocks[i];
        buf_printf(&text, "%u %s", block->line, kinds[block->kind]);
        if (block->kind == BLOCK_HEADING)
            buf_printf(&text, "%u", block->level);
        buf_text(&text, block->continues ? "+" : "");
        buf_text(&text, block->box == BOX_EMPTY ? " [ ]" : block->box == BOX_CHECKED ? " [x]" : "");
        buf_text(&text, " ");
        buf_add(&text, block->text.at, block->text.bytes);
        if (block->fence != NULL)
            buf_printf(&text, "{%s}", block->fence);
        if (block->entry != MARKDOWN_NONE)
            buf_printf(&text, "<%u", markdown.blocks[block->entry].line);
        buf_text(&text, "\n");
    }
    char *found = buf_take_text(&text);
    assert_string_equal(found, expected);
    free(found);
    markdown_free(&markdown);
}

static void test_markdown_parse_blocks(void **state)
{
    (void)state;
    expect("", "");
    expect("# A #\n## *B* _c_\nt\n---\n", "1 heading1 A\n2 heading2 *B* _c_\n3 heading2 t\n");
    expect("#no\n\n***\n\n####### x\n", "1 line #no\n3 rule \n5 line ####### x\n");
    expect("a\nb\n===\nc\n", "1 heading1 a b\n4 line c\n");
    expect("> q\n> r\nlazy\n", "1 line q\n2 line+ r\n3 line+ lazy\n");
    expect("[a]: b\n![x]\\\n<b>c</b>\n", "1 line [a]: b\n2 line+ ![x]\\\n3 line+ <b>c</b>\n");
    expect("<!-- a\n- [ ] b\n-->\n- [ ] c\n", "1 html \n4 entry [ ] c\n");
    expect("<div>\n- [ ] b\n</div>\n", "1 html \n");
    expect("<!-- a\nb --> c\n<pre>\n\nd</PRE>\ne\n", "1 html \n3 html \n6 line e\n");
    expect("    code\n", "1 code \n");
}

static void test_markdown_parse_lists(void **state)
{
    (void)state;
    expect("- [ ] a\n* [x] b\n+ [X] c\n1. [ ] d\n2) e\n",
           "1 entry [ ] a\n2 entry [x] b\n3 entry [x] c\n4 entry [ ] d\n5 entry e\n");
    expect("- a\n  more\n\n  next\n  - [ ] b\n",
           "1 entry a\n2 line+ more<1\n4 line next<1\n5 entry [ ] b<1\n");
    expect("- [ ]\n- [ ]x\n- [] y\n- [ x] z\n",
           "1 entry [ ] \n2 entry [ ]x\n3 entry [] y\n4 entry [ x] z\n");
    expect("-\t[ ] a\n\t- b\n", "1 entry [ ] a\n2 entry b<1\n");
    expect("> - [ ] a\n>   b\n", "1 entry [ ] a\n2 line+ b<1\n");
    expect("- ```\n  x\n  ```\n- # h\n", "1 entry \n1 fence {x}<1\n4 entry \n4 heading1 h<4\n");
    expect("- - - a\n* * *\n", "1 entry \n1 entry <1\n1 entry a<1\n2 rule \n");
}

static void test_markdown_parse_fences(void **state)
{
    (void)state;
    expect("```sh\na `b`  \n  c\n\n# d\n- [ ] e\n```\nf\n",
           "1 fence {a `b`  \n  c\n\n# d\n- [ ] e}\n8 line f\n");
    expect("- [ ] a\n  ~~~\n  b\n    c\n  ~~~\n", "1 entry [ ] a\n2 fence {b\n  c}<1\n");
    expect("> ```\n> a\n> ```\n", "1 fence {a}\n");
    expect("```\nopen", "1 fence {open}\n");
    expect("``` a`b\n", "1 line ``` a`b\n");
    expect("```\n- - - - -\n***\n<?\n```\n", "1 fence {- - - - -\n***\n<?}\n");
}

static void test_markdown_parse_line_ends(void **state)
{
    (void)state;
    expect("\xef\xbb\xbf# A\r\nb\rc\r\n\r\n- [ ] d\r\n  ```\r\n  e\r\n  ```\r\n",
           "1 heading1 A\n2 line b\n3 line+ c\n5 entry [ ] d\n6 fence {e}<5\n");
}

static void expect_shape(const char *line, const char *expected, bool seen)
{
    struct buf buf = {0};
    assert_true(shape_line(span_of(line), &buf) == seen);
    char *found = buf_take_text(&buf);
    assert_string_equal(found, expected);
    free(found);
}

static void test_shape_line_hides_text(void **state)
{
    (void)state;
    expect_shape("  - [ ] **a** [b](c)  ", "  - x x xxxxx xxxxxx\n", true);
    expect_shape("> 1. # a #", "> 1. # x x\n", true);
    expect_shape("- - - - a", "- - - - x\n", true);
    expect_shape("- - - - -", "- - -    \n", true);
    expect_shape("***bold***", "xxxxxxxxxx\n", true);
    expect_shape("<a href=\"*\"> <b <? </a>", "<a href=\"x\"> xb x? </a>\n", true);
    expect_shape("<!-- a -->", "<!-- a -->\n", true);
    expect_shape("<?php", "x?php\n", true);
    expect_shape("", "\n", true);
}

static void test_shape_line_bounds_nesting(void **state)
{
    (void)state;
    struct buf line = {0}, shape = {0};
    for (size_t i = 0; i < SHAPE_PREFIX_BYTES_MAX + 44; i++)
        buf_text(&line, ">");
    assert_false(shape_line(span_of((const char *)line.data), &shape));
    assert_int_equal(shape.bytes, line.bytes + 1);
    assert_int_equal(shape.data[SHAPE_PREFIX_BYTES_MAX - 1], '>');
    for (size_t i = SHAPE_PREFIX_BYTES_MAX; i < line.bytes; i++)
        assert_int_equal(shape.data[i], 'x');
    struct markdown markdown;
    markdown_parse(span_of((const char *)line.data), &markdown);
    assert_int_equal(markdown.too_deep, 1);
    markdown_free(&markdown);
    buf_free(&line);
    buf_free(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markdown_parse_blocks),
        cmocka_unit_test(test_markdown_parse_lists),
        cmocka_unit_test(test_markdown_parse_fences),
        cmocka_unit_test(test_markdown_parse_line_ends),
        cmocka_unit_test(test_shape_line_hides_text),
        cmocka_unit_test(test_shape_line_bounds_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
