#!/bin/sh
# targets.t - ../targets.t, where a real qmail-local has its say: it needs QMAILHOME, and nothing of
# it is changed.
exec sh "$(dirname "$0")/../targets.t"
