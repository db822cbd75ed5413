// check QUERY... -- PROGRAM...: the parser reads every program without an error, and every query is one of this grammar and finds something in them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

const TSLanguage *tree_sitter_mtl(void);

static char *read_file(const char *path, uint32_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) { perror(path); exit(2); }
  fseek(file, 0, SEEK_END);
  *length = (uint32_t)ftell(file);
  rewind(file);
  char *text = malloc(*length + 1);
  if (fread(text, 1, *length, file) != *length) { perror(path); exit(2); }
  text[*length] = 0;
  fclose(file);
  return text;
}

static void tell_errors(TSNode node, const char *path) {
  if (!ts_node_has_error(node)) return;
  int children = (int)ts_node_child_count(node);
  if (ts_node_is_missing(node) || !strcmp(ts_node_type(node), "ERROR") || children == 0) {
    TSPoint place = ts_node_start_point(node);
    printf("%s:%u:%u: does not parse\n", path, place.row + 1, place.column + 1);
    return;
  }
  for (int i = 0; i < children; i++) tell_errors(ts_node_child(node, (uint32_t)i), path);
}

int main(int count, char **arguments) {
  int split = 1;
  while (split < count && strcmp(arguments[split], "--")) split++;
  TSParser *parser = ts_parser_new();
  if (!ts_parser_set_language(parser, tree_sitter_mtl())) { puts("this library does not read the parser's version"); return 2; }
  int wrong = 0, programs = count - split - 1;
  if (programs < 1) { puts("no programs"); return 2; }
  TSTree **trees = calloc((size_t)programs, sizeof *trees);
  for (int i = 0; i < programs; i++) {
    uint32_t length;
    char *text = read_file(arguments[split + 1 + i], &length);
    trees[i] = ts_parser_parse_string(parser, NULL, text, length);
    if (ts_node_has_error(ts_tree_root_node(trees[i]))) {
      tell_errors(ts_tree_root_node(trees[i]), arguments[split + 1 + i]);
      wrong++;
    }
  }
  for (int q = 1; q < split; q++) {
    uint32_t length, place, captures = 0, index;
    TSQueryError error;
    char *text = read_file(arguments[q], &length);
    TSQuery *query = ts_query_new(tree_sitter_mtl(), text, length, &place, &error);
    if (!query) { printf("%s: wrong at byte %u: %.40s\n", arguments[q], place, text + place); wrong++; continue; }
    TSQueryCursor *cursor = ts_query_cursor_new();
    for (int i = 0; i < programs; i++) {
      ts_query_cursor_exec(cursor, query, ts_tree_root_node(trees[i]));
      for (TSQueryMatch match; ts_query_cursor_next_capture(cursor, &match, &index);) captures++;
    }
    printf("%s: %u captures\n", arguments[q], captures);
    wrong += captures == 0;
  }
  printf("%d programs, %d wrong\n", programs, wrong);
  return wrong > 0;
}
