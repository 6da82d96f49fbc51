#include <stdlib.h>
#include <string.h>
#include <qq/charset.h>

/* Sorted by key. Names are taken at what senders mean by them: ISO-8859-1 as windows-1252, GB2312
   as GB18030, and so on, which are supersets but for control characters that no mail uses; US-ASCII
   as UTF-8, which 8-bit text with that label nearly always is. Python's email package writes
   eucgb2312_cn and big5_tw. */
static qq_charset_alias const aliases[] = {
  { "5601", "cp949", "euc-kr" }, { "646", "utf-8", 0 }, { "8bit", "", 0 }, { "ansi", "cp1252", "iso-8859-1" },
  { "ansix341968", "utf-8", 0 }, { "ansix341986", "utf-8", 0 }, { "ascii", "utf-8", 0 },
  { "big5", "big5-hkscs", "big5" }, { "big5eten", "big5-hkscs", "big5" }, { "big5hkscs", "big5-hkscs", "big5" },
  { "big5tw", "big5-hkscs", "big5" }, { "binary", "", 0 }, { "char", "", 0 }, { "chinese", "gb18030", 0 },
  { "cnbig5", "big5-hkscs", "big5" }, { "cngb", "gb18030", 0 }, { "cp1250", "cp1250", 0 }, { "cp1251", "cp1251", 0 },
  { "cp1252", "cp1252", "iso-8859-1" }, { "cp1253", "cp1253", 0 }, { "cp1254", "cp1254", "iso-8859-9" },
  { "cp1255", "cp1255", 0 }, { "cp1256", "cp1256", 0 }, { "cp1257", "cp1257", 0 }, { "cp1258", "cp1258", 0 },
  { "cp367", "utf-8", 0 }, { "cp437", "cp437", 0 }, { "cp50220", "iso-2022-jp", 0 }, { "cp50221", "iso-2022-jp", 0 },
  { "cp50222", "iso-2022-jp", 0 }, { "cp51932", "euc-jp", 0 }, { "cp819", "cp1252", "iso-8859-1" },
  { "cp850", "cp850", 0 }, { "cp852", "cp852", 0 }, { "cp855", "cp855", 0 }, { "cp857", "cp857", 0 },
  { "cp858", "cp858", 0 }, { "cp862", "cp862", 0 }, { "cp866", "cp866", 0 }, { "cp874", "cp874", "tis-620" },
  { "cp932", "cp932", "shift_jis" }, { "cp936", "gb18030", 0 }, { "cp949", "cp949", "euc-kr" },
  { "cp950", "big5-hkscs", "big5" }, { "csascii", "utf-8", 0 }, { "csbig5", "big5-hkscs", "big5" },
  { "cseuckr", "cp949", "euc-kr" }, { "cseucpkdfmtjapanese", "euc-jp", 0 }, { "csgb2312", "gb18030", 0 },
  { "csiso2022jp", "iso-2022-jp", 0 }, { "csiso58gb231280", "gb18030", 0 }, { "csisolatin1", "cp1252", "iso-8859-1" },
  { "csisolatin5", "cp1254", "iso-8859-9" }, { "cskoi8r", "koi8-r", 0 }, { "csksc56011987", "cp949", "euc-kr" },
  { "csshiftjis", "cp932", "shift_jis" }, { "csunicode11utf7", "utf-7", 0 }, { "csutf8", "utf-8", 0 },
  { "cswindows31j", "cp932", "shift_jis" }, { "default", "", 0 }, { "euc", "euc-jp", 0 }, { "euccn", "gb18030", 0 },
  { "eucgb2312cn", "gb18030", 0 }, { "eucjp", "euc-jp", 0 }, { "euckr", "cp949", "euc-kr" },
  { "gb18030", "gb18030", 0 }, { "gb180302000", "gb18030", 0 }, { "gb2312", "gb18030", 0 },
  { "gb23121980", "gb18030", 0 }, { "gb231280", "gb18030", 0 }, { "gbk", "gb18030", 0 }, { "internal", "", 0 },
  { "iso2022cnext", "iso-2022-cn", 0 }, { "iso2022jp", "iso-2022-jp", 0 }, { "iso2022jp1", "iso-2022-jp", 0 },
  { "iso2022jpms", "iso-2022-jp", 0 }, { "iso646irv1991", "utf-8", 0 }, { "iso646us", "utf-8", 0 },
  { "iso88591", "cp1252", "iso-8859-1" }, { "iso885911", "cp874", "tis-620" },
  { "iso885911987", "cp1252", "iso-8859-1" }, { "iso885915", "iso-8859-15", 0 },
  { "iso88591windows31latin1", "cp1252", "iso-8859-1" }, { "iso88592", "iso-8859-2", 0 },
  { "iso88596", "iso-8859-6", 0 }, { "iso88596e", "iso-8859-6", 0 }, { "iso88596i", "iso-8859-6", 0 },
  { "iso88598", "iso-8859-8", 0 }, { "iso88598e", "iso-8859-8", 0 }, { "iso88598i", "iso-8859-8", 0 },
  { "iso88599", "cp1254", "iso-8859-9" }, { "isoir100", "cp1252", "iso-8859-1" }, { "isoir149", "cp949", "euc-kr" },
  { "isoir58", "gb18030", 0 }, { "koi", "koi8-r", 0 }, { "koi8", "koi8-r", 0 }, { "koi8r", "koi8-r", 0 },
  { "koi8ru", "koi8-u", "koi8-r" }, { "koi8u", "koi8-u", "koi8-r" }, { "korean", "cp949", "euc-kr" },
  { "ksc5601", "cp949", "euc-kr" }, { "ksc56011987", "cp949", "euc-kr" }, { "ksc56011989", "cp949", "euc-kr" },
  { "l1", "cp1252", "iso-8859-1" }, { "l5", "cp1254", "iso-8859-9" }, { "latin1", "cp1252", "iso-8859-1" },
  { "latin2", "iso-8859-2", 0 }, { "latin5", "cp1254", "iso-8859-9" }, { "latin9", "iso-8859-15", 0 },
  { "logical", "iso-8859-8", 0 }, { "mac", "macintosh", 0 }, { "macce", "mac-centraleurope", 0 },
  { "maccentraleurope", "mac-centraleurope", 0 }, { "maccentraleurroman", "mac-centraleurope", 0 },
  { "maccyrillic", "mac-cyrillic", 0 }, { "macintosh", "macintosh", 0 }, { "macroman", "macintosh", 0 },
  { "macukrainian", "mac-cyrillic", 0 }, { "mskanji", "cp932", "shift_jis" }, { "shiftjis", "cp932", "shift_jis" },
  { "sjis", "cp932", "shift_jis" }, { "tis620", "cp874", "tis-620" }, { "ucs2internal", "", 0 },
  { "ucs4internal", "", 0 }, { "uhc", "cp949", "euc-kr" }, { "unicode", "utf-16", 0 },
  { "unicode11utf7", "utf-7", 0 }, { "unicode11utf8", "utf-8", 0 }, { "unicode20utf7", "utf-7", 0 },
  { "unknown", "", 0 }, { "unknown8bit", "", 0 }, { "us", "utf-8", 0 }, { "usascii", "utf-8", 0 },
  { "userdefined", "", 0 }, { "utf16", "utf-16", 0 }, { "utf7", "utf-7", 0 }, { "utf7imap", "", 0 },
  { "utf8", "utf-8", 0 }, { "utf8mac", "utf-8", 0 }, { "utf8mb4", "utf-8", 0 }, { "utf8strict", "utf-8", 0 },
  { "viscii", "viscii", 0 }, { "visual", "iso-8859-8", 0 }, { "wchart", "", 0 },
  { "windows31j", "cp932", "shift_jis" }
};

static int compare(void const *key, void const *alias)
{
  return strcmp(key, ((qq_charset_alias const *)alias)->key);
}

/* windows-1251, win1251, cp-1251, dos-866: the number is the name. */
static char *without_vendor(char *key)
{
  static char const *const vendors[] = { "windows", "win", "cp", "dos", "ibm", "ms" };
  size_t i;
  for (i = 0; i < sizeof(vendors) / sizeof(*vendors); i++) {
    size_t const n = strlen(vendors[i]);
    if (!strncmp(key, vendors[i], n) && key[n] && !key[n + strspn(key + n, "0123456789")]) return key + n;
  }
  return 0;
}

qq_charset_alias const *qq_charset_alias_of(char const *name)
{
  char key[2 + QQ_CHARSET_NAME_MAX + 1], *to = key, *number;
  while (name[0] == 'x' && name[1] == '-') name += 2;
  for (; *name; name++)
    if ((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9')) *to++ = *name;
  *to = 0;
  number = without_vendor(key);
  if (number) {
    memmove(key + 2, number, strlen(number) + 1);
    memcpy(key, "cp", 2);
  }
  return bsearch(key, aliases, sizeof(aliases) / sizeof(*aliases), sizeof(*aliases), &compare);
}

int qq_charset_is_utf8(char const *name)
{
  qq_charset_alias const *const alias = qq_charset_alias_of(name);
  return alias && !strcmp(alias->best, "utf-8");
}

int qq_charset_name(char *name, char const *s, size_t n)
{
  size_t i;
  if (!n || n > QQ_CHARSET_NAME_MAX) return 0;
  for (i = 0; i < n; i++) {
    char const c = s[i];
    if (c >= 'A' && c <= 'Z') name[i] = (char)(c + ('a' - 'A'));
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-_.:+()", c))) name[i] = c;
    else return 0;
  }
  name[n] = 0;
  return 1;
}
