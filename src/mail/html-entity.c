#include <string.h>
#include <qq/mime.h>
#include <qq/text.h>

/* U+00A0 to U+00FF in their order (HTML 4.01 section 24.2). */
static char const latin1[] =
  " nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn"
  " sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave"
  " Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml"
  " ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN"
  " szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute"
  " icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml"
  " yacute thorn yuml ";

/* What else mail has. */
static struct { char const *name; uint32_t c; } const others[] = {
  { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' },
  { "OElig", 0x152 }, { "oelig", 0x153 }, { "Scaron", 0x160 }, { "scaron", 0x161 },
  { "Yuml", 0x178 }, { "circ", 0x2c6 }, { "tilde", 0x2dc }, { "ensp", 0x2002 },
  { "emsp", 0x2003 }, { "thinsp", 0x2009 }, { "zwnj", 0x200c }, { "zwj", 0x200d },
  { "ndash", 0x2013 }, { "mdash", 0x2014 }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 },
  { "sbquo", 0x201a }, { "ldquo", 0x201c }, { "rdquo", 0x201d }, { "bdquo", 0x201e },
  { "dagger", 0x2020 }, { "bull", 0x2022 }, { "hellip", 0x2026 }, { "permil", 0x2030 },
  { "lsaquo", 0x2039 }, { "rsaquo", 0x203a }, { "euro", 0x20ac }, { "trade", 0x2122 },
  { "larr", 0x2190 }, { "rarr", 0x2192 }
};

/* What numbers from 128 on mean to browsers: windows-1252. */
static uint16_t const windows[32] = {
  0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152,
  0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122,
  0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178
};

static int digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* The digits behind # or #x. Returns 0 if there is something else. */
static uint32_t by_number(char const *s, size_t n)
{
  int const base = n && (*s == 'x' || *s == 'X') ? 16 : 10;
  uint32_t c = 0;
  size_t i = base == 16;
  if (i == n) return 0;
  for (; i < n; i++) {
    if (digit(s[i]) >= base) return 0;
    if (c < 0x110000) c = c * (uint32_t)base + (uint32_t)digit(s[i]);
  }
  if (c >= 0x80 && c < 0xa0) return windows[c - 0x80];
  return !c || c >= 0x110000 || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c;
}

static uint32_t by_name(char const *s, size_t n)
{
  char name[QQ_HTML_ENTITY_MAX + 3] = " ";
  char const *at;
  uint32_t c = 0xa0;
  size_t i;
  for (i = 0; i < sizeof others / sizeof *others; i++)
    if (strlen(others[i].name) == n && !memcmp(others[i].name, s, n)) return others[i].c;
  memcpy(name + 1, s, n);
  memcpy(name + 1 + n, " ", 2);
  at = strstr(latin1, name);
  if (!n || !at) return 0;
  for (; at > latin1; at--) c += at[-1] == ' ';
  return c;
}

size_t qq_html_entity(char *to, char const *s, size_t n)
{
  uint32_t const c = n && n <= QQ_HTML_ENTITY_MAX && !memchr(s, 0, n)
    ? *s == '#' ? by_number(s + 1, n - 1) : by_name(s, n) : 0;
  return c ? qq_utf8_encode(to, c) : 0;
}
