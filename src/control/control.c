#include <stdlib.h>
#include <string.h>
#include <qq/control.h>
#include <qq/text.h>

/* Rows by kind: the name, what differs between files of that kind, and the rest of qq_control. ME:
   without the file the value of me counts, then the name. OR: a variable may override it. */
#define HOST(name, ...) { name, QQ_CONTROL_HOST, NONE, __VA_ARGS__, 0 }
#define HOST_ME(name, ...) { name, QQ_CONTROL_HOST, name, 1, 0, 0, __VA_ARGS__, 0 }
#define HOST_ME_ONLY(name, ...) { name, QQ_CONTROL_HOST, 0, 1, 0, 0, 0, __VA_ARGS__, 0 }
#define STRING(name, fallback, ...) { name, QQ_CONTROL_STRING, fallback, 0, 0, 0, __VA_ARGS__, 0 }
#define STRING_ME(name, ...) { name, QQ_CONTROL_STRING, 0, 1, 0, 0, 0, __VA_ARGS__, 0 }
#define INTEGER(name, fallback, ...) { name, QQ_CONTROL_INTEGER, fallback, 0, __VA_ARGS__, 0 }
#define SECONDS(name, fallback, ...) { name, QQ_CONTROL_INTEGER, fallback, 0, __VA_ARGS__, 1 }
#define SWITCH(name, ...) INTEGER(name, "0", 0, 1, __VA_ARGS__)
#define LIST(name, ...) { name, QQ_CONTROL_LIST, NONE, __VA_ARGS__, 0 }
#define LIST_OR(name, ...) { name, QQ_CONTROL_LIST, 0, 0, 0, 0, __VA_ARGS__, 0 }
#define LIST_ME(name, ...) { name, QQ_CONTROL_LIST, 0, 1, 0, 0, 0, __VA_ARGS__, 0 }
#define MAP(name, ...) { name, QQ_CONTROL_MAP, NONE, __VA_ARGS__, 0 }
#define OPAQUE(name, ...) { name, QQ_CONTROL_OPAQUE, NONE, __VA_ARGS__, 0 }
#define OPAQUE_OR(name, ...) { name, QQ_CONTROL_OPAQUE, 0, 0, 0, 0, __VA_ARGS__, 0 }
/* No default, not me either, no range, no variable. */
#define NONE 0, 0, 0, 0, 0
/* Of an integer: what makes sense. */
#define ANY 0, INT32_MAX
#define POSITIVE 1, INT32_MAX
/* Who reads it, and when a change is seen. */
#define EVERYBODY N_("all programs"), QQ_EFFECT_RESTART
#define INJECT "qmail-inject", QQ_EFFECT_MESSAGE
#define QMQPC "qmail-qmqpc", QQ_EFFECT_MESSAGE
#define QUEUE "qmail-queue", QQ_EFFECT_MESSAGE
#define REMOTE "qmail-remote", QQ_EFFECT_DELIVERY
#define SCRIPTS N_("run scripts"), QQ_EFFECT_SCRIPT
#define SEND "qmail-send", QQ_EFFECT_RESTART
#define SEND_HUP "qmail-send", QQ_EFFECT_HUP
#define SMTPD "qmail-smtpd", QQ_EFFECT_CONNECTION
#define SMTPD_CDB "qmail-smtpd", QQ_EFFECT_REBUILD
#define SMTPD_QMTPD "qmail-smtpd, qmail-qmtpd", QQ_EFFECT_CONNECTION

/* Sources: qmail-control(5) and the readers in qmail's source; the manual pages and sources of the
   patches. */
qq_control const qq_controls[] = {
  OPAQUE("aliasempty", SCRIPTS, "scripts", N_("instructions for empty .qmail files")),
  MAP("authsenders", REMOTE, "sagredo, s/qmail",
    N_("SENDER:RELAY|USER|PASSWORD, how to authenticate to a relay")),
  LIST_OR("badhelo", "NOBADHELO", SMTPD, "patches", N_("HELO names that are refused")),
  LIST("badhelonorelay", SMTPD, "patches", N_("the same, for clients that may not relay")),
  LIST("badloadertypes", SMTPD_CDB, "s/qmail", N_("beginnings of programs that are refused")),
  LIST("badmailfrom", SMTPD, 0, N_("envelope senders that are refused: user@domain, or @domain")),
  LIST("badmailfromnorelay", SMTPD, "patches",
    N_("envelope senders that are refused to clients that may not relay")),
  LIST("badmailto", SMTPD, "s/qmail", N_("envelope recipients that are refused")),
  LIST("badmimetypes", SMTPD_CDB, "s/qmail", N_("beginnings of attachments that are refused")),
  LIST("badrcptto", SMTPD, "patches", N_("envelope recipients that are refused")),
  LIST("badrcpttonorelay", SMTPD, "patches", N_("the same, for clients that may not relay")),
  LIST("blacklists", SCRIPTS, "scripts", N_("DNS lists that the SMTP server asks")),
  STRING("bouncefrom", "MAILER-DAEMON", 0, SEND, 0, N_("local part of the sender of bounces")),
  HOST_ME("bouncehost", 0, SEND, 0, N_("domain of the sender of bounces")),
  SECONDS("bouncelifetime", "604800", ANY, 0, SEND, "indimail",
    N_("seconds that a bounce is tried")),
  INTEGER("bouncemaxbytes", "50000", ANY, 0, SEND, "sagredo, indimail, s/qmail, ldap",
    N_("bytes of the original that a bounce quotes")),
  INTEGER("brtlimit", "0", ANY, "BRTLIMIT", SMTPD, "sagredo",
    N_("refused recipients after which a client is cut off; 0 is no limit")),
  OPAQUE("clientca.pem", SMTPD, "TLS", N_("who signs clients' certificates")),
  OPAQUE("clientcert.pem", REMOTE, "TLS", N_("certificate and key for sending")),
  OPAQUE("clientcrl.pem", SMTPD, "TLS", N_("clients' certificates that are revoked")),
  INTEGER("concurrencyincoming", 0, ANY, 0, SCRIPTS, "scripts", N_("SMTP connections at a time")),
  INTEGER("concurrencylocal", "10", 0, 255, 0, SEND, 0,
    N_("local deliveries at a time; 0 holds all local mail")),
  INTEGER("concurrencyremote", "20", 0, 255, 0, SEND, 0,
    N_("remote deliveries at a time; 0 holds all remote mail")),
  INTEGER("concurrencysuppl0", "20", 0, 509, 0, SEND_HUP, "sagredo",
    N_("deliveries at a time of the channel suppl0")),
  INTEGER("concurrencysuppl1", "20", 0, 509, 0, SEND_HUP, "sagredo",
    N_("deliveries at a time of the channel suppl1")),
  INTEGER("databytes", "0", ANY, "DATABYTES", SMTPD_QMTPD, 0,
    N_("largest message that is taken from the network, in bytes; 0 is no limit")),
  OPAQUE("defaultdelivery", SCRIPTS, "scripts", N_("instructions for users without .qmail")),
  HOST_ME("defaultdomain", "QMAILDEFAULTDOMAIN", INJECT, 0,
    N_("added to a host name without a dot")),
  HOST_ME("defaulthost", "QMAILDEFAULTHOST", INJECT, 0, N_("added to an address without a host")),
  OPAQUE("dh1024.pem", SMTPD, "TLS", N_("Diffie-Hellman parameters")),
  OPAQUE("dh2048.pem", SMTPD, "TLS", N_("Diffie-Hellman parameters")),
  OPAQUE("dh4096.pem", SMTPD, "TLS", N_("Diffie-Hellman parameters")),
  OPAQUE("dh512.pem", SMTPD, "TLS", N_("Diffie-Hellman parameters")),
  SWITCH("dnsblfailclosed", "DNSBLFAILCLOSED", SMTPD, "sagredo",
    N_("refuse when a DNS list does not answer")),
  LIST_OR("dnsbllist", "DNSBLLIST", SMTPD, "sagredo", N_("DNS lists that are asked")),
  MAP("domaincerts", REMOTE, "s/qmail", N_("DOMAIN:CERTIFICATE for sending")),
  MAP("domainips", REMOTE, "s/qmail", N_("DOMAIN:ADDRESS that mail is sent from")),
  HOST_ME("doublebouncehost", 0, SEND, 0, N_("domain that double bounces go to")),
  STRING("doublebounceto", "postmaster", 0, SEND, 0, N_("local part that double bounces go to")),
  HOST_ME("envnoathost", 0, SEND, 0, N_("added to envelope recipients without an @")),
  HOST_ME_ONLY("helohost", REMOTE, 0, N_("the name that is said in HELO to other servers")),
  SWITCH("holdlocal", 0, SEND_HUP, "indimail", N_("hold local deliveries")),
  SWITCH("holdremote", 0, SEND_HUP, "indimail", N_("hold remote deliveries")),
  HOST_ME("idhost", "QMAILIDHOST", INJECT, 0, N_("domain in Message-IDs")),
  HOST_ME_ONLY("localiphost", SMTPD, 0, N_("replaces this host's address in brackets")),
  LIST_ME("locals", SEND_HUP, 0, N_("domains that are delivered here")),
  INTEGER("logcount", 0, ANY, 0, SCRIPTS, "scripts", N_("log files to keep")),
  INTEGER("logsize", 0, ANY, 0, SCRIPTS, "scripts", N_("size of a log file, in bytes")),
  LIST("mailfromrules", SMTPD_CDB, "s/qmail", N_("senders that clients may use")),
  INTEGER("maxrcpt", "0", ANY, "DISABLE_MAXRCPT", SMTPD, "patches",
    N_("recipients of a message; 0 is no limit")),
  HOST("me", EVERYBODY, 0, N_("this host's name; the default of many others")),
  INTEGER("mfcheck", "0", 0, 3, 0, SMTPD, "toasters",
    N_("check the sender's domain: 0 no, 1 refuse, 2 log what fails, 3 log what passes")),
  LIST("moreipme", REMOTE, "patches", N_("more addresses of this host")),
  LIST("morercpthosts", SMTPD_CDB, 0,
    N_("more domains that mail is taken for; looked up in morercpthosts.cdb")),
  OPAQUE("morercpthosts.cdb", SMTPD, 0, N_("morercpthosts as qmail-newmrh made it")),
  LIST("notipme", REMOTE, "patches", N_("addresses that are not this host")),
  STRING("outgoingip", 0, 0, REMOTE, "sagredo, toasters", N_("address that mail is sent from")),
  LIST("percenthack", SEND, 0, N_("domains for which user%host means user@host")),
  HOST_ME("plusdomain", "QMAILPLUSDOMAIN", INJECT, 0,
    N_("added to a host name that ends with a plus sign")),
  LIST("qmqpservers", QMQPC, 0, N_("addresses of QMQP servers")),
  MAP("qmtproutes", REMOTE, "s/qmail", N_("DOMAIN:RELAY that is spoken to with QMTP")),
  STRING("queue_base", 0, 0, SEND, "indimail", N_("where the queues are")),
  SECONDS("queuelifetime", "604800", 60, INT32_MAX, 0, SEND, 0,
    N_("seconds that a message is tried; then it bounces")),
  LIST("rblservers", SCRIPTS, "scripts", N_("DNS lists that the SMTP server asks")),
  LIST("rcpthosts", SMTPD_QMTPD, 0,
    N_("domains that mail is taken for; without the file, all: an open relay")),
  LIST("recipients", SMTPD, "s/qmail", N_("recipients that exist")),
  LIST("rejectnonexist", SMTPD, "Plesk",
    N_("domains whose recipients are refused when they have no mailbox")),
  SWITCH("rejectnullsenders", "REJECTNULLSENDERS", SMTPD, "sagredo", N_("refuse the empty sender")),
  SWITCH("rejectrelaytest", 0, SMTPD, "sagredo", N_("refuse what looks like a test for relays")),
  OPAQUE("rsa1024.pem", SMTPD, "TLS", N_("temporary key")),
  OPAQUE("rsa2048.pem", SMTPD, "TLS", N_("temporary key")),
  OPAQUE("rsa512.pem", SMTPD, "TLS", N_("temporary key")),
  OPAQUE("servercert.pem", SMTPD, "TLS", N_("certificate and key of the SMTP server")),
  STRING_ME("smtpgreeting", SMTPD, 0, N_("the first line that clients get, a host name first")),
  OPAQUE_OR("smtpplugins", "ENABLE_SPP", SMTPD, "spp", N_("plugins of the SMTP server")),
  MAP("smtproutes", REMOTE, 0, N_("DOMAIN:RELAY[:PORT], instead of MX records")),
  INTEGER("softlimit", 0, ANY, 0, SCRIPTS, "scripts", N_("memory for the SMTP server, in bytes")),
  INTEGER("spfbehavior", "0", 0, 6, "SPFBEHAVIOR", SMTPD, "SPF, Plesk",
    N_("what SPF does: 0 nothing, 1 header, 2 also defer on errors of DNS, "
      "3 refuse fail, 4 softfail, 5 neutral, 6 all but pass")),
  STRING("spfexp", 0, 0, SMTPD, "SPF, Plesk", N_("what a refused client is told")),
  STRING("spfexplain", 0, 0, SMTPD, "s/qmail", N_("what a refused client is told")),
  STRING("spfguess", 0, 0, SMTPD, "SPF, Plesk", N_("SPF rules for domains without any")),
  STRING("spflocalrules", 0, 0, SMTPD, "s/qmail",
    N_("SPF rules that are asked before the sender's")),
  STRING("spfrules", 0, 0, SMTPD, "SPF, Plesk", N_("SPF rules that are asked before the sender's")),
  SWITCH("srs_alwaysrewrite", 0, SEND, "SRS", N_("rewrite local senders too")),
  HOST("srs_domain", SEND, "SRS", N_("domain of rewritten senders")),
  INTEGER("srs_hashlength", "4", ANY, 0, SEND, "SRS",
    N_("length of the hash in rewritten senders")),
  INTEGER("srs_hashmin", "4", ANY, 0, SEND, "SRS",
    N_("least length of that hash that is accepted")),
  INTEGER("srs_maxage", "21", ANY, 0, SEND, "SRS", N_("days that a rewritten sender is good for")),
  OPAQUE("srs_secrets", SEND, "SRS", N_("keys of rewritten senders")),
  STRING("srs_separator", "=", 0, SEND, "SRS", N_("separator in rewritten senders")),
  LIST("suppls0", SEND_HUP, "sagredo", N_("recipients of the channel suppl0")),
  LIST("suppls1", SEND_HUP, "sagredo", N_("recipients of the channel suppl1")),
  OPAQUE("taps", QUEUE, "taps", N_("addresses whose mail is copied")),
  INTEGER("tarpitcount", "0", ANY, 0, SMTPD, "toasters",
    N_("recipients after which answers are delayed; 0 is never")),
  SECONDS("tarpitdelay", "5", ANY, 0, SMTPD, "toasters", N_("seconds of that delay")),
  SECONDS("timeoutconnect", "60", POSITIVE, 0, REMOTE, 0, N_("seconds to wait for a connection")),
  SECONDS("timeoutremote", "1200", POSITIVE, 0, REMOTE, 0,
    N_("seconds to wait for each answer of another server")),
  SECONDS("timeoutsmtpd", "1200", POSITIVE, 0, SMTPD, 0,
    N_("seconds to wait for each line of a client")),
  STRING("tlsclientciphers", "DEFAULT", 0, REMOTE, "TLS", N_("ciphers for sending")),
  LIST("tlsclients", SMTPD, "TLS", N_("clients that may relay with their certificate")),
  MAP("tlsdestinations", REMOTE, "s/qmail", N_("DOMAIN:how to encrypt")),
  STRING("tlsserverciphers", "DEFAULT", "TLSCIPHERS", SMTPD, "TLS",
    N_("ciphers of the SMTP server")),
  SECONDS("todointerval", "1500", ANY, 0, SEND, "indimail",
    N_("seconds between two looks at todo")),
  LIST_OR("validrcptto", "VALIDRCPTTO", SMTPD, "patches",
    N_("recipients that exist; others are refused")),
  OPAQUE("validrcptto.cdb", SMTPD, "patches", N_("recipients that exist")),
  MAP("virtualdomains", SEND_HUP, 0,
    N_("DOMAIN:PREFIX: recipients become PREFIX-recipient and are delivered here")),
};

size_t const qq_controls_count = sizeof qq_controls / sizeof *qq_controls;

static int compare_name(void const *name, void const *control)
{
  return strcmp(name, ((qq_control const *)control)->name);
}

qq_control const *qq_control_find(char const *name)
{
  return bsearch(name, qq_controls, qq_controls_count, sizeof *qq_controls, compare_name);
}

char const *qq_control_nearest(char const *name)
{
  qq_nearest nearest = QQ_NEAREST(name, strlen(name));
  size_t i;
  for (i = 0; i < qq_controls_count; i++) qq_nearest_look(&nearest, qq_controls[i].name);
  return nearest.nearest;
}

int qq_control_has_entries(qq_control const *c)
{
  return c && (c->kind == QQ_CONTROL_LIST || c->kind == QQ_CONTROL_MAP);
}

int qq_control_is_opaque(qq_control const *c)
{
  return c && c->kind == QQ_CONTROL_OPAQUE;
}

char const *qq_control_kind_word(qq_control_kind kind)
{
  static char const *const words[] = { "host", "string", "integer", "list", "map", "opaque" };
  return words[kind];
}

char const *qq_effect_word(qq_effect effect)
{
  static char const *const words[QQ_EFFECTS] = {
    N_("next connection"), N_("next delivery"), N_("next run"), N_("HUP qmail-send"),
    N_("restart qmail-send"), N_("rebuild its cdb"), N_("restart its service"), N_("unknown")
  };
  return words[effect];
}
