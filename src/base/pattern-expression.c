#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/pattern.h>
#include <qq/text.h>

#define FEW 16

/* A bracket expression of a glob: the same as a regular expression's but for ! and the backslash.
   Returns its length, or 0: no bracket. */
static size_t glob_bracket(stralloc *out, char const *s, size_t n)
{
  size_t i = 1, end;
  int const negated = n > 1 && (s[1] == '!' || s[1] == '^');
  if (negated) i++;
  end = i < n && s[i] == ']' ? i + 1 : i;
  while (end < n && s[end] != ']') end++;
  if (end >= n) return 0;
  return stralloc_cats(out, negated ? "[^" : "[") && stralloc_catb(out, s + i, end - i + 1)
    ? end + 1 : 0;
}

static int literal(stralloc *out, char c)
{
  return (!strchr(".[]()*+?{}|^$\\", c) || stralloc_append(out, '\\')) && stralloc_append(out, c);
}

/* fnmatch(3) takes one pattern at a time; thousands are one expression. */
static int glob_to_regex(stralloc *out, char const *s, size_t n)
{
  size_t i = 0;
  while (i < n) {
    size_t const bracket = s[i] == '[' ? glob_bracket(out, s + i, n - i) : 0;
    int good = 1;
    if (bracket) {
      i += bracket;
      continue;
    }
    if (s[i] == '*') good = stralloc_catb(out, ".*", 2);
    else if (s[i] == '?') good = stralloc_catb(out, ".", 1);
    else {
      if (s[i] == '\\' && i + 1 < n) i++;
      good = literal(out, s[i]);
    }
    if (!good) return 0;
    i++;
  }
  return 1;
}

static int compile(regex_t *r, char const *s, int exact, stralloc *why)
{
  int const e = regcomp(r, s, REG_EXTENDED | REG_NOSUB | (exact ? 0 : REG_ICASE));
  if (!e) return 1;
  if (why) {
    char text[256];
    regerror(e, r, text, sizeof text);
    qq_fmt(why, _("bad regular expression: %s"), text);
  }
  errno = e == REG_ESPACE ? ENOMEM : EINVAL;
  return -1;
}

int qq_expression_add(stralloc *text, qq_pattern_kind kind, char const *s, size_t n, stralloc *why)
{
  size_t const start = text->len;
  regex_t r;
  if (memchr(s, 0, n)) return qq_refuse(why, EINVAL, "%s", _("bad regular expression: NUL in it"));
  if (kind == QQ_PATTERN_GLOB ? !glob_to_regex(text, s, n) : !stralloc_catb(text, s, n)) return -1;
  if (!stralloc_0(text)) return -1;
  if (compile(&r, text->s + start, 1, why) < 0) return -1;
  regfree(&r);
  text->len--;
  return 1;
}

/* Joins count expressions as a balanced tree of alternatives: regcomp(3) of glibc needs quadratic
   space for a flat one, whose alternatives hang one below the other. */
static int join(stralloc *out, qq_piece const *list, size_t count)
{
  size_t const half = count / 2;
  if (!stralloc_append(out, '(')) return 0;
  if (count == 1 ? !stralloc_catb(out, list->s, list->n) : !join(out, list, half)
    || !stralloc_append(out, '|') || !join(out, list + half, count - half)) return 0;
  return stralloc_append(out, ')');
}

/* What stands before an expression that may match anywhere: without it, regexec(3) of glibc tries
   each place in turn, and a long line takes the square of its length. With many expressions the
   automaton would take too long to build. */
static char const *anywhere(size_t count)
{
  return count <= FEW ? "^.*" : "";
}

static int refers_back(qq_piece const *p)
{
  size_t i;
  for (i = 0; i + 1 < p->n; i++) {
    if (p->s[i] != '\\') continue;
    i++;
    if (p->s[i] >= '1' && p->s[i] <= '9') return 1;
  }
  return 0;
}

/* Takes .* off the ends that have it; the expression is then not anchored there, which comes to the
   same. Thousands of anchored ones that begin with .* would give the automaton a state for each set
   of them. Returns which ends: 1 front, 2 back. */
static unsigned int trim(qq_piece *p)
{
  unsigned int open = 0;
  if (p->n >= 2 && !memcmp(p->s, ".*", 2)) {
    open |= 1;
    p->s += 2;
    p->n -= 2;
  }
  if (p->n >= 2 && !memcmp(p->s + p->n - 2, ".*", 2)) {
    open |= 2;
    p->n -= 2;
  }
  return open;
}

/* All globs as one expression: four groups, by the ends that are open. */
static int join_globs(stralloc *out, qq_piece const *list, size_t count)
{
  qq_piece *group = malloc(count * sizeof *group);
  unsigned int open;
  int good = group != 0;
  for (open = 0; good && open < 4; open++) {
    size_t i, n = 0;
    for (i = 0; i < count; i++) {
      group[n] = list[i];
      if (trim(&group[n]) == open) n++;
    }
    if (!n) continue;
    good = (!out->len || stralloc_append(out, '|'))
      && stralloc_cats(out, open & 1 ? anywhere(n) : "^") && join(out, group, n)
      && (open & 2 || stralloc_append(out, '$'));
  }
  free(group);
  return good;
}

static int join_all(stralloc *out, qq_patterns const *p)
{
  qq_piece const *list = genalloc_s(qq_piece, &p->list);
  size_t const count = qq_patterns_count(p);
  if (p->kind == QQ_PATTERN_GLOB) return join_globs(out, list, count);
  if (p->kind == QQ_PATTERN_REGEX_WHOLE)
    return stralloc_append(out, '^') && join(out, list, count) && stralloc_append(out, '$');
  /* An expression with back references stays as it is given: they count its own parentheses. */
  if (count == 1 && refers_back(list)) return stralloc_catb(out, list->s, list->n);
  return stralloc_cats(out, anywhere(count)) && join(out, list, count);
}

static int compile_all(qq_matcher *m)
{
  stralloc all = STRALLOC_ZERO;
  int const r = join_all(&all, m->patterns) && stralloc_0(&all)
    ? compile(&m->expression, all.s, m->patterns->exact, 0) : -1;
  stralloc_free(&all);
  m->compiled = r == 1;
  return r;
}

int qq_expression_match(qq_matcher *m, char const *s, size_t n)
{
  size_t i;
  int r;
  if (!m->compiled && compile_all(m) < 0) return -1;
  m->folded.len = 0;
  /* regexec(3) wants valid characters and no NUL; a byte that no pattern can name is instead. */
  if (!qq_utf8_repair(&m->folded, s, n)) return -1;
  for (i = 0; i < m->folded.len; i++)
    if (!m->folded.s[i]) m->folded.s[i] = 1;
  if (!stralloc_0(&m->folded)) return -1;
  r = regexec(&m->expression, m->folded.s, 0, 0, 0);
  if (r == REG_ESPACE) errno = ENOMEM;
  return r == REG_ESPACE ? -1 : !r;
}
