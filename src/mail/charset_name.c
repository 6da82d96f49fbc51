#include <string.h>
#include <qq/charset.h>

/* Names are taken at what senders mean by them: ISO-8859-1 as windows-1252, GB2312 as GB18030, and
   so on, which are supersets but for control characters that no mail uses; US-ASCII as UTF-8, which
   8-bit text with that label nearly always is. Python's email package writes eucgb2312_cn and
   big5_tw. */
#define OWN(name) { name, 0, " " name " " }
static qq_charset_alias const aliases[] = {
  { "utf-8", 0, " 646 ansix341968 ansix341986 ascii cp367 csascii csutf8 iso646irv1991 iso646us "
    "unicode11utf8 us usascii utf8 utf8mac utf8mb4 utf8strict " },
  { "gb18030", 0, " chinese cngb cp936 csgb2312 csiso58gb231280 euccn eucgb2312cn gb18030 "
    "gb180302000 gb2312 gb23121980 gb231280 gbk isoir58 " },
  { "cp949", "euc-kr", " 5601 cp949 cseuckr csksc56011987 euckr isoir149 korean ksc5601 "
    "ksc56011987 ksc56011989 uhc " },
  { "cp1252", "iso-8859-1", " ansi cp1252 cp819 csisolatin1 iso88591 iso885911987 "
    "iso88591windows31latin1 isoir100 l1 latin1 " },
  { "big5-hkscs", "big5", " big5 big5eten big5hkscs big5tw cnbig5 cp950 csbig5 " },
  { "iso-2022-jp", 0, " cp50220 cp50221 cp50222 csiso2022jp iso2022jp iso2022jp1 iso2022jpms " },
  { "cp932", "shift_jis", " cp932 csshiftjis cswindows31j mskanji shiftjis sjis windows31j " },
  { "cp1254", "iso-8859-9", " cp1254 csisolatin5 iso88599 l5 latin5 " },
  { "iso-8859-8", 0, " iso88598 iso88598e iso88598i logical visual " },
  { "euc-jp", 0, " cp51932 cseucpkdfmtjapanese euc eucjp " },
  { "koi8-r", 0, " cskoi8r koi koi8 koi8r " },
  { "utf-7", 0, " csunicode11utf7 unicode11utf7 unicode20utf7 utf7 " },
  { "cp874", "tis-620", " cp874 iso885911 tis620 " },
  { "iso-8859-6", 0, " iso88596 iso88596e iso88596i " },
  { "macintosh", 0, " mac macintosh macroman " },
  { "mac-centraleurope", 0, " macce maccentraleurope maccentraleurroman " },
  { "iso-8859-15", 0, " iso885915 latin9 " },
  { "iso-8859-2", 0, " iso88592 latin2 " },
  { "koi8-u", "koi8-r", " koi8ru koi8u " },
  { "mac-cyrillic", 0, " maccyrillic macukrainian " },
  { "utf-16", 0, " unicode utf16 " },
  { "iso-2022-cn", 0, " iso2022cnext " },
  { "", 0, " 8bit binary char default internal ucs2internal ucs4internal unknown unknown8bit "
    "userdefined utf7imap wchart " },
  OWN("cp1250"), OWN("cp1251"), OWN("cp1253"), OWN("cp1255"), OWN("cp1256"), OWN("cp1257"),
  OWN("cp1258"), OWN("cp437"), OWN("cp850"), OWN("cp852"), OWN("cp855"), OWN("cp857"), OWN("cp858"),
  OWN("cp862"), OWN("cp866"), OWN("viscii")
};

/* windows-1251, win1251, cp-1251, dos-866: the number is the name. */
static char *without_vendor(char *key)
{
  static char const *const vendors[] = { "windows", "win", "cp", "dos", "ibm", "ms" };
  size_t i;
  for (i = 0; i < sizeof(vendors) / sizeof(*vendors); i++) {
    size_t const n = strlen(vendors[i]);
    if (!strncmp(key, vendors[i], n) && key[n] && !key[n + strspn(key + n, "0123456789")])
      return key + n;
  }
  return 0;
}

qq_charset_alias const *qq_charset_alias_of(char const *name)
{
  char key[1 + 2 + QQ_CHARSET_NAME_MAX + 2] = " ", *to = key + 1, *number;
  size_t i;
  while (name[0] == 'x' && name[1] == '-') name += 2;
  for (; *name; name++)
    if ((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9')) *to++ = *name;
  *to = 0;
  number = without_vendor(key + 1);
  if (number) {
    memmove(key + 3, number, strlen(number) + 1);
    memcpy(key + 1, "cp", 2);
  }
  strcat(key, " ");
  for (i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
    if (strstr(aliases[i].keys, key)) return aliases + i;
  return 0;
}

int qq_charset_name(char *name, char const *s, size_t n)
{
  size_t i;
  if (!n || n > QQ_CHARSET_NAME_MAX) return 0;
  for (i = 0; i < n; i++) {
    char const c = s[i];
    if (c >= 'A' && c <= 'Z') name[i] = (char)(c + ('a' - 'A'));
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-_.:+()", c)))
      name[i] = c;
    else return 0;
  }
  name[n] = 0;
  return 1;
}
