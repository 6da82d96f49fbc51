/* The language of sentences: the user's, where there is a catalogue of it. */

#include <config.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/options.h>

/* What is given is a name; a path would make root read a file that somebody else chose. */
static int is_name(char const *s)
{
  return s && *s && !strchr(s, '/');
}

/* What setlocale(3) was asked for by the environment; null: nothing, or no name. */
static char const *asked_for(void)
{
  static char const *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
  char const *s = 0;
  size_t i;
  for (i = 0; i < 3 && !(s && *s); i++) s = getenv(variables[i]);
  return is_name(s) ? s : 0;
}

/* Where the locale was not generated, and so is not known: gettext(3) goes by LANGUAGE then, but in
   no locale that it takes for C: since glibc 2.39 that is all that begins with `C.`. What is behind
   an underscore counts for nothing where it is not known. */
static void do_without_locale(char const *name)
{
  if (!setlocale(LC_MESSAGES, "C_QQ.UTF-8") && !setlocale(LC_MESSAGES, "en_US.UTF-8")) return;
  if (!is_name(getenv("LANGUAGE"))) qq_demand_memory(!setenv("LANGUAGE", name, 1));
}

static void bind_catalogue(void)
{
#ifdef QQ_WITHOUT_LIBINTL
  qq_speak_english();           /* also what libc says */
#else
  bindtextdomain(QQ_TEXT_DOMAIN, QQ_LOCALES);
  bind_textdomain_codeset(QQ_TEXT_DOMAIN, "UTF-8");
  textdomain(QQ_TEXT_DOMAIN);
#endif
}

void qq_speak_as_asked(void)
{
  char const *const name = asked_for();
  if (getenv("LANGUAGE") && !is_name(getenv("LANGUAGE"))) unsetenv("LANGUAGE");
  if (!setlocale(LC_MESSAGES, "") && name) do_without_locale(name);
  bind_catalogue();
  (void)gettext("");            /* is read now, while nothing is given up yet */
}

void qq_speak_english(void)
{
  setlocale(LC_MESSAGES, "C");
}
