#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <qq/select.h>

int qq_select_ready(qq_select *s)
{
  qq_select_header *h = genalloc_s(qq_select_header, &s->headers);
  size_t const n = genalloc_len(qq_select_header, &s->headers);
  size_t i;
  for (i = 0; i < n; i++)
    if (qq_patterns_ready(&h[i].patterns) < 0) return -1;
  return qq_patterns_ready(&s->from) > 0 && qq_patterns_ready(&s->to) > 0 && qq_patterns_ready(&s->done_to) > 0
    && qq_patterns_ready(&s->subject) > 0 && qq_patterns_ready(&s->body) > 0 ? 1 : -1;
}

int qq_select_wants_bounces(qq_select const *s)
{
  return s->failing;
}

static void init_matcher(qq_matcher *m, qq_patterns const *p)
{
  m->patterns = p;
}

/* The place of the field among those that are read; the header reader wants each name once. */
static size_t field_of(qq_judge *j, char const *name)
{
  size_t i;
  for (i = 0; i < j->field_count; i++)
    if (!strcasecmp(j->fields[i].name, name)) return i;
  j->fields[j->field_count++].name = name;
  return i;
}

int qq_judge_init(qq_judge *j, qq_select const *s)
{
  qq_select_header const *h = genalloc_s(qq_select_header, &s->headers);
  size_t const n = genalloc_len(qq_select_header, &s->headers);
  size_t i;
  memset(j, 0, sizeof *j);
  j->select = s;
  init_matcher(&j->from, &s->from);
  init_matcher(&j->to, &s->to);
  init_matcher(&j->done_to, &s->done_to);
  init_matcher(&j->subject, &s->subject);
  init_matcher(&j->body, &s->body);
  j->header_count = n;
  j->headers = calloc(n + 1, sizeof *j->headers);
  j->header_fields = calloc(n + 1, sizeof *j->header_fields);
  j->fields = calloc(n + 1, sizeof *j->fields);
  j->charsets = qq_charsets_new();
  if (!j->headers || !j->header_fields || !j->fields || !j->charsets) return -1;
  if (qq_patterns_count(&s->subject)) field_of(j, "Subject");
  for (i = 0; i < n; i++) {
    j->header_fields[i] = field_of(j, h[i].name);
    init_matcher(&j->headers[i], &h[i].patterns);
  }
  if (qq_patterns_count(&s->body)) {
    j->mime = qq_mime_new(j->charsets);
    if (!j->mime) return -1;
  }
  return 1;
}

void qq_judge_free(qq_judge *j)
{
  size_t i;
  qq_matcher_free(&j->from);
  qq_matcher_free(&j->to);
  qq_matcher_free(&j->done_to);
  qq_matcher_free(&j->subject);
  qq_matcher_free(&j->body);
  for (i = 0; j->headers && i < j->header_count; i++) qq_matcher_free(&j->headers[i]);
  free(j->headers);
  free(j->header_fields);
  qq_header_free(&j->header);
  free(j->fields);
  if (j->mime) qq_mime_free(j->mime);
  if (j->charsets) qq_charsets_free(j->charsets);
  stralloc_free(&j->line);
  stralloc_free(&j->decoded);
  stralloc_free(&j->text);
}
