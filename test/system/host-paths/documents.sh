# Documents in several formats, and what files are: all that it prints is the same each time.
cat > a.texi <<'T'
\input texinfo
@setfilename a.info
@settitle A
@node Top
@top Hello @code{x} ä
@menu
* One:: first
@end menu
@node One
@chapter One
@cindex index
@table @code
@item a
b @math{x^2} @emph{c}
@end table
@printindex cp
@bye
T
makeinfo a.texi; cat a.info
makeinfo --html --no-split a.texi && sed 's/[0-9]* November.*//' a.html
makeinfo --plaintext a.texi
makeinfo --xml a.texi -o - 
printf '.TH A 1 2020-01-01\n.SH NAME\na \\- b\n.PP\nHello \\fBbold\\fP \\(em x\n.TS\nl l.\na	b\n.TE\n' > a.1
groff -man -Tutf8 a.1; groff -t -man -Tps a.1 | grep -v CreationDate; groff -man -Tascii a.1; groff -man -Thtml a.1 2>&1 | grep -v Creat
printf 'struct k {char *name; int v;};\n%%%%\na, 1\nbb, 2\nccc, 3\n' > k.gperf; gperf -t k.gperf | tail -n +3
printf '<a><b n="1">x</b><b n="2.5">y</b></a>' > a.xml
printf '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><r><xsl:value-of select="sum(//@n) div 3"/> <xsl:value-of select="format-number(1234.5678,%s)"/></r></xsl:template></xsl:stylesheet>' "'#,##0.00'" > a.xsl
xsltproc a.xsl a.xml; xsltproc --version
file /bin/* /usr/lib/*/*.so* /etc/* /usr/share/doc/*/* a.* | head -c 200000
file -i a.* /bin/ls; file -k /bin/sh; file --version; file -C -m /dev/null; file -s /dev/null; file -L /bin/sh; file --list
