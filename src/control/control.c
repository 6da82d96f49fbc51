#include <stdlib.h>
#include <string.h>
#include <qq/control.h>
#include <qq/text.h>

#define HOST QQ_CONTROL_HOST
#define STRING QQ_CONTROL_STRING
#define INTEGER QQ_CONTROL_INTEGER
#define LIST QQ_CONTROL_LIST
#define MAP QQ_CONTROL_MAP
#define OPAQUE QQ_CONTROL_OPAQUE
/* No default, not me either, no range, no variable. */
#define NONE 0, 0, 0, 0, 0
/* Who reads it, and when a change is seen. */
#define INJECT "qmail-inject", QQ_EFFECT_MESSAGE
#define REMOTE "qmail-remote", QQ_EFFECT_DELIVERY
#define SCRIPTS "run scripts", QQ_EFFECT_SCRIPT
#define SEND "qmail-send", QQ_EFFECT_RESTART
#define SEND_HUP "qmail-send", QQ_EFFECT_HUP
#define SMTPD "qmail-smtpd", QQ_EFFECT_CONNECTION
#define SMTPD_CDB "qmail-smtpd", QQ_EFFECT_REBUILD
#define SMTPD_QMTPD "qmail-smtpd, qmail-qmtpd", QQ_EFFECT_CONNECTION

/* Sources: qmail-control(5) and the readers in qmail's source; the manual pages and sources of the
   patches. */
qq_control const qq_controls[] = {
  { "aliasempty", OPAQUE, NONE, SCRIPTS, "scripts", N_("instructions for empty .qmail files") },
  { "authsenders", MAP, NONE, REMOTE, "sagredo, s/qmail",
    N_("SENDER:RELAY|USER|PASSWORD, how to authenticate to a relay") },
  { "badhelo", LIST, 0, 0, 0, 0, "NOBADHELO", SMTPD, "patches", N_("HELO names that are refused") },
  { "badhelonorelay", LIST, NONE, SMTPD, "patches",
    N_("the same, for clients that may not relay") },
  { "badloadertypes", LIST, NONE, SMTPD_CDB, "s/qmail",
    N_("beginnings of programs that are refused") },
  { "badmailfrom", LIST, NONE, SMTPD, 0,
    N_("envelope senders that are refused: user@domain, or @domain") },
  { "badmailfromnorelay", LIST, NONE, SMTPD, "patches",
    N_("envelope senders that are refused to clients that may not relay") },
  { "badmailto", LIST, NONE, SMTPD, "s/qmail", N_("envelope recipients that are refused") },
  { "badmimetypes", LIST, NONE, SMTPD_CDB, "s/qmail",
    N_("beginnings of attachments that are refused") },
  { "badrcptto", LIST, NONE, SMTPD, "patches", N_("envelope recipients that are refused") },
  { "badrcpttonorelay", LIST, NONE, SMTPD, "patches",
    N_("the same, for clients that may not relay") },
  { "blacklists", LIST, NONE, SCRIPTS, "scripts", N_("DNS lists that the SMTP server asks") },
  { "bouncefrom", STRING, "MAILER-DAEMON", 0, 0, 0, 0, SEND, 0,
    N_("local part of the sender of bounces") },
  { "bouncehost", HOST, "bouncehost", 1, 0, 0, 0, SEND, 0, N_("domain of the sender of bounces") },
  { "bouncelifetime", INTEGER, "604800", 0, 0, INT32_MAX, 0, SEND, "indimail",
    N_("seconds that a bounce is tried") },
  { "bouncemaxbytes", INTEGER, "50000", 0, 0, INT32_MAX, 0, SEND,
    "sagredo, indimail, s/qmail, ldap", N_("bytes of the original that a bounce quotes") },
  { "brtlimit", INTEGER, "0", 0, 0, INT32_MAX, "BRTLIMIT", SMTPD, "sagredo",
    N_("refused recipients after which a client is cut off; 0 is no limit") },
  { "clientca.pem", OPAQUE, NONE, SMTPD, "TLS", N_("who signs clients' certificates") },
  { "clientcert.pem", OPAQUE, NONE, REMOTE, "TLS", N_("certificate and key for sending") },
  { "clientcrl.pem", OPAQUE, NONE, SMTPD, "TLS", N_("clients' certificates that are revoked") },
  { "concurrencyincoming", INTEGER, 0, 0, 0, INT32_MAX, 0, SCRIPTS, "scripts",
    N_("SMTP connections at a time") },
  { "concurrencylocal", INTEGER, "10", 0, 0, 255, 0, SEND, 0,
    N_("local deliveries at a time; 0 holds all local mail") },
  { "concurrencyremote", INTEGER, "20", 0, 0, 255, 0, SEND, 0,
    N_("remote deliveries at a time; 0 holds all remote mail") },
  { "concurrencysuppl0", INTEGER, "20", 0, 0, 509, 0, SEND_HUP, "sagredo",
    N_("deliveries at a time of the channel suppl0") },
  { "concurrencysuppl1", INTEGER, "20", 0, 0, 509, 0, SEND_HUP, "sagredo",
    N_("deliveries at a time of the channel suppl1") },
  { "databytes", INTEGER, "0", 0, 0, INT32_MAX, "DATABYTES", SMTPD_QMTPD, 0,
    N_("largest message that is taken from the network, in bytes; 0 is no limit") },
  { "defaultdelivery", OPAQUE, NONE, SCRIPTS, "scripts",
    N_("instructions for users without .qmail") },
  { "defaultdomain", HOST, "defaultdomain", 1, 0, 0, "QMAILDEFAULTDOMAIN", INJECT, 0,
    N_("added to a host name without a dot") },
  { "defaulthost", HOST, "defaulthost", 1, 0, 0, "QMAILDEFAULTHOST", INJECT, 0,
    N_("added to an address without a host") },
  { "dh1024.pem", OPAQUE, NONE, SMTPD, "TLS", N_("Diffie-Hellman parameters") },
  { "dh2048.pem", OPAQUE, NONE, SMTPD, "TLS", N_("Diffie-Hellman parameters") },
  { "dh4096.pem", OPAQUE, NONE, SMTPD, "TLS", N_("Diffie-Hellman parameters") },
  { "dh512.pem", OPAQUE, NONE, SMTPD, "TLS", N_("Diffie-Hellman parameters") },
  { "dnsblfailclosed", INTEGER, "0", 0, 0, 1, "DNSBLFAILCLOSED", SMTPD, "sagredo",
    N_("refuse when a DNS list does not answer") },
  { "dnsbllist", LIST, 0, 0, 0, 0, "DNSBLLIST", SMTPD, "sagredo", N_("DNS lists that are asked") },
  { "domaincerts", MAP, NONE, REMOTE, "s/qmail", N_("DOMAIN:CERTIFICATE for sending") },
  { "domainips", MAP, NONE, REMOTE, "s/qmail", N_("DOMAIN:ADDRESS that mail is sent from") },
  { "doublebouncehost", HOST, "doublebouncehost", 1, 0, 0, 0, SEND, 0,
    N_("domain that double bounces go to") },
  { "doublebounceto", STRING, "postmaster", 0, 0, 0, 0, SEND, 0,
    N_("local part that double bounces go to") },
  { "envnoathost", HOST, "envnoathost", 1, 0, 0, 0, SEND, 0,
    N_("added to envelope recipients without an @") },
  { "helohost", HOST, 0, 1, 0, 0, 0, REMOTE, 0,
    N_("the name that is said in HELO to other servers") },
  { "holdlocal", INTEGER, "0", 0, 0, 1, 0, SEND_HUP, "indimail", N_("hold local deliveries") },
  { "holdremote", INTEGER, "0", 0, 0, 1, 0, SEND_HUP, "indimail", N_("hold remote deliveries") },
  { "idhost", HOST, "idhost", 1, 0, 0, "QMAILIDHOST", INJECT, 0, N_("domain in Message-IDs") },
  { "localiphost", HOST, 0, 1, 0, 0, 0, SMTPD, 0, N_("replaces this host's address in brackets") },
  { "locals", LIST, 0, 1, 0, 0, 0, SEND_HUP, 0, N_("domains that are delivered here") },
  { "logcount", INTEGER, 0, 0, 0, INT32_MAX, 0, SCRIPTS, "scripts", N_("log files to keep") },
  { "logsize", INTEGER, 0, 0, 0, INT32_MAX, 0, SCRIPTS, "scripts",
    N_("size of a log file, in bytes") },
  { "mailfromrules", LIST, NONE, SMTPD_CDB, "s/qmail", N_("senders that clients may use") },
  { "maxrcpt", INTEGER, "0", 0, 0, INT32_MAX, "DISABLE_MAXRCPT", SMTPD, "patches",
    N_("recipients of a message; 0 is no limit") },
  { "me", HOST, NONE, "all programs", QQ_EFFECT_RESTART, 0,
    N_("this host's name; the default of many others") },
  { "mfcheck", INTEGER, "0", 0, 0, 3, 0, SMTPD, "toasters",
    N_("check the sender's domain: 0 no, 1 refuse, 2 log what fails, 3 log what passes") },
  { "moreipme", LIST, NONE, REMOTE, "patches", N_("more addresses of this host") },
  { "morercpthosts", LIST, NONE, SMTPD_CDB, 0,
    N_("more domains that mail is taken for; looked up in morercpthosts.cdb") },
  { "morercpthosts.cdb", OPAQUE, NONE, SMTPD, 0, N_("morercpthosts as qmail-newmrh made it") },
  { "notipme", LIST, NONE, REMOTE, "patches", N_("addresses that are not this host") },
  { "outgoingip", STRING, NONE, REMOTE, "sagredo, toasters", N_("address that mail is sent from") },
  { "percenthack", LIST, NONE, SEND, 0, N_("domains for which user%host means user@host") },
  { "plusdomain", HOST, "plusdomain", 1, 0, 0, "QMAILPLUSDOMAIN", INJECT, 0,
    N_("added to a host name that ends with a plus sign") },
  { "qmqpservers", LIST, NONE, "qmail-qmqpc", QQ_EFFECT_MESSAGE, 0,
    N_("addresses of QMQP servers") },
  { "qmtproutes", MAP, NONE, REMOTE, "s/qmail", N_("DOMAIN:RELAY that is spoken to with QMTP") },
  { "queue_base", STRING, NONE, SEND, "indimail", N_("where the queues are") },
  { "queuelifetime", INTEGER, "604800", 0, 0, INT32_MAX, 0, SEND, 0,
    N_("seconds that a message is tried; then it bounces") },
  { "rblservers", LIST, NONE, SCRIPTS, "scripts", N_("DNS lists that the SMTP server asks") },
  { "rcpthosts", LIST, NONE, SMTPD_QMTPD, 0,
    N_("domains that mail is taken for; without the file, all: an open relay") },
  { "recipients", LIST, NONE, SMTPD, "s/qmail", N_("recipients that exist") },
  { "rejectnonexist", LIST, NONE, SMTPD, "Plesk",
    N_("domains whose recipients are refused when they have no mailbox") },
  { "rejectnullsenders", INTEGER, "0", 0, 0, 1, "REJECTNULLSENDERS", SMTPD, "sagredo",
    N_("refuse the empty sender") },
  { "rejectrelaytest", INTEGER, "0", 0, 0, 1, 0, SMTPD, "sagredo",
    N_("refuse what looks like a test for relays") },
  { "rsa1024.pem", OPAQUE, NONE, SMTPD, "TLS", N_("temporary key") },
  { "rsa2048.pem", OPAQUE, NONE, SMTPD, "TLS", N_("temporary key") },
  { "rsa512.pem", OPAQUE, NONE, SMTPD, "TLS", N_("temporary key") },
  { "servercert.pem", OPAQUE, NONE, SMTPD, "TLS", N_("certificate and key of the SMTP server") },
  { "smtpgreeting", STRING, 0, 1, 0, 0, 0, SMTPD, 0,
    N_("the first line that clients get, a host name first") },
  { "smtpplugins", OPAQUE, 0, 0, 0, 0, "ENABLE_SPP", SMTPD, "spp",
    N_("plugins of the SMTP server") },
  { "smtproutes", MAP, NONE, REMOTE, 0, N_("DOMAIN:RELAY[:PORT], instead of MX records") },
  { "softlimit", INTEGER, 0, 0, 0, INT32_MAX, 0, SCRIPTS, "scripts",
    N_("memory for the SMTP server, in bytes") },
  { "spfbehavior", INTEGER, "0", 0, 0, 6, "SPFBEHAVIOR", SMTPD, "SPF, Plesk",
    N_("what SPF does: 0 nothing, 1 header, 2 also defer on errors of DNS, "
      "3 refuse fail, 4 softfail, 5 neutral, 6 all but pass") },
  { "spfexp", STRING, NONE, SMTPD, "SPF, Plesk", N_("what a refused client is told") },
  { "spfexplain", STRING, NONE, SMTPD, "s/qmail", N_("what a refused client is told") },
  { "spfguess", STRING, NONE, SMTPD, "SPF, Plesk", N_("SPF rules for domains without any") },
  { "spflocalrules", STRING, NONE, SMTPD, "s/qmail",
    N_("SPF rules that are asked before the sender's") },
  { "spfrules", STRING, NONE, SMTPD, "SPF, Plesk",
    N_("SPF rules that are asked before the sender's") },
  { "srs_alwaysrewrite", INTEGER, "0", 0, 0, 1, 0, SEND, "SRS", N_("rewrite local senders too") },
  { "srs_domain", HOST, NONE, SEND, "SRS", N_("domain of rewritten senders") },
  { "srs_hashlength", INTEGER, "4", 0, 0, INT32_MAX, 0, SEND, "SRS",
    N_("length of the hash in rewritten senders") },
  { "srs_hashmin", INTEGER, "4", 0, 0, INT32_MAX, 0, SEND, "SRS",
    N_("least length of that hash that is accepted") },
  { "srs_maxage", INTEGER, "21", 0, 0, INT32_MAX, 0, SEND, "SRS",
    N_("days that a rewritten sender is good for") },
  { "srs_secrets", OPAQUE, NONE, SEND, "SRS", N_("keys of rewritten senders") },
  { "srs_separator", STRING, "=", 0, 0, 0, 0, SEND, "SRS", N_("separator in rewritten senders") },
  { "suppls0", LIST, NONE, SEND_HUP, "sagredo", N_("recipients of the channel suppl0") },
  { "suppls1", LIST, NONE, SEND_HUP, "sagredo", N_("recipients of the channel suppl1") },
  { "taps", OPAQUE, NONE, "qmail-queue", QQ_EFFECT_MESSAGE, "taps",
    N_("addresses whose mail is copied") },
  { "tarpitcount", INTEGER, "0", 0, 0, INT32_MAX, 0, SMTPD, "toasters",
    N_("recipients after which answers are delayed; 0 is never") },
  { "tarpitdelay", INTEGER, "5", 0, 0, INT32_MAX, 0, SMTPD, "toasters",
    N_("seconds of that delay") },
  { "timeoutconnect", INTEGER, "60", 0, 1, INT32_MAX, 0, REMOTE, 0,
    N_("seconds to wait for a connection") },
  { "timeoutremote", INTEGER, "1200", 0, 1, INT32_MAX, 0, REMOTE, 0,
    N_("seconds to wait for each answer of another server") },
  { "timeoutsmtpd", INTEGER, "1200", 0, 1, INT32_MAX, 0, SMTPD, 0,
    N_("seconds to wait for each line of a client") },
  { "tlsclientciphers", STRING, "DEFAULT", 0, 0, 0, 0, REMOTE, "TLS", N_("ciphers for sending") },
  { "tlsclients", LIST, NONE, SMTPD, "TLS", N_("clients that may relay with their certificate") },
  { "tlsdestinations", MAP, NONE, REMOTE, "s/qmail", N_("DOMAIN:how to encrypt") },
  { "tlsserverciphers", STRING, "DEFAULT", 0, 0, 0, "TLSCIPHERS", SMTPD, "TLS",
    N_("ciphers of the SMTP server") },
  { "todointerval", INTEGER, "1500", 0, 0, INT32_MAX, 0, SEND, "indimail",
    N_("seconds between two looks at todo") },
  { "validrcptto", LIST, 0, 0, 0, 0, "VALIDRCPTTO", SMTPD, "patches",
    N_("recipients that exist; others are refused") },
  { "validrcptto.cdb", OPAQUE, NONE, SMTPD, "patches", N_("recipients that exist") },
  { "virtualdomains", MAP, NONE, SEND_HUP, 0,
    N_("DOMAIN:PREFIX: recipients become PREFIX-recipient and are delivered here") },
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
