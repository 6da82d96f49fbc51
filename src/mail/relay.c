#include <string.h>
#include <strings.h>
#include <skalibs/bytestr.h>
#include <qq/header.h>

/* The field of the SMTP server has a head, which names the client, in one line and those below it
   that begin with a parenthesis; and a rest, which says how and when. What the client has chosen
   (its name, HELO, the user) is in the head. */

static int is_space(char c)
{
  return qq_is_blank(c) || c == '\n' || c == '\r';
}

static int take_word(qq_piece *t, qq_piece *word)
{
  while (t->n && is_space(*t->s)) qq_piece_skip(t, 1);
  *word = *t;
  while (t->n && !is_space(*t->s)) qq_piece_skip(t, 1);
  word->n -= t->n;
  return word->n != 0;
}

static void take_head(qq_piece *t, qq_piece *head)
{
  qq_piece line, next;
  *head = *t;
  do {
    qq_piece_line(t, &line);
    next = *t;
    while (next.n && qq_is_blank(*next.s)) qq_piece_skip(&next, 1);
  } while (next.n && *next.s == '(');
  head->n -= t->n;
}

/* ---- words of the rest ---- */

static inline int take_letters(qq_piece *t, char const *letters)
{
  size_t const n = strlen(letters);
  if (t->n < n || (*t->s ^ *letters) & 0xdf || strncasecmp(t->s, letters, n)) return 0;
  qq_piece_skip(t, n);
  return 1;
}

/* SMTP, ESMTPSA, UTF8SMTPS, QMTP and the like. *is_login: they say that somebody logged in. */
static int is_protocol(qq_piece word, int *is_login)
{
  take_letters(&word, "UTF8");
  take_letters(&word, "E");
  if (!take_letters(&word, "SMTP") && !take_letters(&word, "QMTP") && !take_letters(&word, "QMQP")
    && !take_letters(&word, "LMTP")) return 0;
  take_letters(&word, "S");
  *is_login = take_letters(&word, "A");
  take_letters(&word, ";");
  return !word.n;
}

static int speaks_smtp(qq_piece t)
{
  qq_piece word;
  int with = 0, is_login;
  while (take_word(&t, &word)) {
    if (with && is_protocol(word, &is_login)) return 1;
    with |= word.n == 4 && !strncasecmp(word.s, "with", 4);
  }
  return 0;
}

static int says_login(qq_piece t)
{
  qq_piece word;
  int is_login;
  while (take_word(&t, &word))
    if (take_letters(&word, "authenticated") || (is_protocol(word, &is_login) && is_login))
      return 1;
  return 0;
}

/* ---- the head ---- */

/* Takes the last parentheses and what they hold off the head. */
static int take_group(qq_piece *head, qq_piece *group)
{
  size_t begin;
  while (head->n && is_space(head->s[head->n - 1])) head->n--;
  if (!head->n || head->s[head->n - 1] != ')') return 0;
  begin = --head->n;
  while (begin && head->s[begin - 1] != '(') begin--;
  if (!begin) return 0;
  group->s = head->s + begin;
  group->n = head->n - begin;
  head->n = begin - 1;
  return 1;
}

static int is_safe(qq_piece t)
{
  for (; t.n; qq_piece_skip(&t, 1)) {
    char const c = *t.s;
    int const alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
      || (c >= '0' && c <= '9');
    if (!alphanumeric && (!c || !strchr("?.@%+/=:-_#[]", c))) return 0;
  }
  return 1;
}

static int has_controls(qq_piece t)
{
  for (; t.n; qq_piece_skip(&t, 1)) if ((unsigned char)*t.s < ' ' || *t.s == 127) return 1;
  return 0;
}

/* `USER@IP', `USER@IP with METHOD', `IP', `USER' or nothing; or 0. What has no address must be what
   safeput leaves: other servers write their comments in parentheses, too. */
static int read_client(qq_origin *o, int *is_login, qq_piece client)
{
  size_t const at = byte_rchr(client.s, client.n, '@');
  size_t const behind = at < client.n ? at + 1 : 0;
  qq_piece ip = { client.s + behind, client.n - behind };
  size_t const with = byte_search(ip.s, ip.n, " with ", 6);
  if (with + 6 <= ip.n) {
    ip.n = with;
    *is_login = 1;
  }
  o->login = client;
  if (!qq_received_address(o->ip, ip) && !qq_piece_is(ip, "unknown"))
    return is_safe(client);
  o->login.n = behind ? at : 0;
  return !has_controls(client);
}

/* `smtp-auth username USER, mechanism METHOD' */
static int take_note(qq_origin *o, int *is_login, qq_piece group)
{
  if (!qq_piece_take(&group, "smtp-auth username ") || has_controls(group)) return 0;
  o->login = group;
  o->login.n = byte_chr(group.s, group.n, ',');
  *is_login = 1;
  return 1;
}

/* From its end, because a server that writes what the client says as it is may have any parentheses
   in front. */
static int read_head(qq_origin *o, int *is_login, qq_piece head)
{
  qq_origin noted = *o;
  qq_piece group;
  while (take_group(&head, &group)) {
    if (take_note(&noted, is_login, group) || qq_piece_take(&group, "envelope-")) continue;
    if (qq_piece_take(&group, "HELO ") || !read_client(o, is_login, group)) return 0;
    if (!noted.login.n && take_group(&head, &group)) take_note(&noted, is_login, group);
    if (noted.login.n) o->login = noted.login;
    return 1;
  }
  return 0;
}

/* What stands in front of the parentheses. */
static int take_front(qq_piece *head)
{
  qq_piece word;
  if (qq_piece_take(head, "indimail-mta ") && (!take_word(head, &word)
    || !take_word(head, &word))) return 0;
  if (head->n && is_space(*head->s)) qq_piece_skip(head, 1);
  if (qq_piece_take(head, "from ") && !take_word(head, &word)) return 0;
  while (head->n && is_space(*head->s)) qq_piece_skip(head, 1);
  return head->n && *head->s == '(';
}

/* qmail-ldap's: `Authenticated:USER', `Authenticated_SSL:USER'. */
static void strip_login(qq_piece *login, int *is_login)
{
  qq_piece t = *login;
  size_t const colon = byte_chr(t.s, t.n, ':');
  if (!qq_piece_take(&t, "Authenticated") || colon == login->n) return;
  qq_piece_skip(login, colon + 1);
  *is_login = 1;
}

static void keep(qq_received *r, qq_origin *o, int is_login)
{
  static qq_piece const none;
  strip_login(&o->login, &is_login);
  if (*o->ip) memcpy(r->origin.ip, o->ip, sizeof o->ip);
  if (is_login || byte_chr(o->login.s, o->login.n, '@') < o->login.n) r->origin.login = o->login;
  else r->claimed.login = o->login.n ? o->login : none;
}

/* That of another qmail-queue, and of others that hand mail over in the same way. */
static int is_line_of_queue(qq_piece t)
{
  return qq_piece_take(&t, "indimail-mta queue ")
    || (qq_piece_take(&t, "(") && !qq_piece_take(&t, "HELO "));
}

static qq_relay read_ofmipd(qq_received *r, qq_piece t)
{
  qq_origin o = { "", { 0, 0 } };
  int is_login = 0;
  t.n = byte_chr(t.s, t.n, ')');
  if (!read_client(&o, &is_login, t)) return QQ_RELAY_OTHER;
  keep(r, &o, is_login);
  return QQ_RELAY_SERVER;
}

qq_relay qq_relay_read(qq_received *r, qq_piece field)
{
  qq_origin o = { "", { 0, 0 } };
  qq_piece head, rest = field;
  int is_login;
  if (qq_piece_take(&rest, "(ofmipd ")) return read_ofmipd(r, rest);
  take_head(&rest, &head);
  is_login = says_login(rest);
  if (take_front(&head) && read_head(&o, &is_login, head) && (*o.ip || speaks_smtp(field))) {
    keep(r, &o, is_login);
    return QQ_RELAY_SERVER;
  }
  return is_line_of_queue(field) || speaks_smtp(field) ? QQ_RELAY_OTHER : QQ_RELAY_NONE;
}
