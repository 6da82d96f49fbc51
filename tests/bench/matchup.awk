# matchup.awk - what matchup of qmailanalog does, in awk: each delivery with its message, and each
# message that has ended, a line each. For a log of multilog.

$2 == "new" { birth[$4] = $1; size[$4] = tried[$4] = 0; next }
$2 == "info" {
  m = substr($4, 1, length($4) - 1)
  size[m] = $6; from[m] = $8; qp[m] = $10; uid[m] = $12
  next
}
$2 == "starting" {
  d = substr($4, 1, length($4) - 1)
  of[d] = $6; start[d] = $1; to[d] = $8 "." $9
  next
}
$2 == "delivery" {
  d = substr($3, 1, length($3) - 1)
  if (!(d in of)) next
  m = of[d]
  kind = substr($4, 1, 1)
  print "d", kind, birth[m], start[d], $1, size[m], from[m], to[d], qp[m], uid[m], $5
  results[m, kind]++
  tried[m]++
  delete of[d]; delete start[d]; delete to[d]
  next
}
$2 == "end" {
  m = $4
  print "m", birth[m], $1, size[m], results[m, "s"] + 0, results[m, "f"] + 0, results[m, "d"] + 0,
    from[m], qp[m], uid[m]
  delete birth[m]; delete size[m]; delete from[m]; delete qp[m]; delete uid[m]; delete tried[m]
  delete results[m, "s"]; delete results[m, "f"]; delete results[m, "d"]
}
