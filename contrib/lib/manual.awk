# Turns a document of docs/ into a manual page (man(7)): awk -v page=supd.toml -v section=5 -v what='…' -f manual.awk FILE…
#
# It knows the Markdown that these documents are written in: headings, paragraphs, lists, tables, code, and links among them. A
# table is a list in the page: what its first cell names, then the other columns by their titles, then the one without a title.

BEGIN {
    named["configuration.md"] = "supd.toml(5)"
    named["plugins.md"] = "supd-plugins(7)"
    named["protocol.md"] = "supd-protocol(7)"
    named["supctl.md"] = "supctl(1)"
    named["supd.md"] = "supd(8)"
    printf ".TH %s %s %s supd\n.SH NAME\n%s \\- %s\n", toupper(page), section, date, dashes(page), what
}

/^```/ {
    if (inCode) { print ".EE\n.RE" } else { flush(); endTable(); print (begun() ? ".sp\n" : "") ".RS 4\n.EX" }
    inCode = !inCode
    next
}
inCode { print lead(plain($0)); next }
/^<!--/ { next }
/^$/ { flush(); endTable(); inItem = 0; next }
/^#/ { flush(); endTable(); heading($0); next }
/^\|/ { flush(); tableRow($0); next }
/^(- |[0-9]+\. )/ { flush(); item($0); next }
{ text = text (text == "" ? "" : " ") trimmed($0) }
END { flush(); endTable() }

function heading(line, level) {
    match(line, /^#+/)
    level = RLENGTH
    line = substr(line, level + 2)
    inItem = 0
    # The title is that of the page.
    if (level == 1) return
    isBegun = 0
    wasHeading = 1
    if (level == 2) print ".SH " (line ~ /`/ ? inline(line) : toupper(plain(line)))
    else print ".SS " inline(line)
}

function item(line, end) {
    begun()
    inItem = 1
    if (match(line, /^- `[^`]+`(, `[^`]+`)*: /)) {
        end = RLENGTH
        print ".TP 8\n" inline(substr(line, 3, end - 4))
        text = substr(line, end + 1)
    } else if (line ~ /^- /) {
        print ".IP \\(bu 2"
        text = substr(line, 3)
    } else {
        end = index(line, " ")
        print ".IP " substr(line, 1, end - 1) " 4"
        text = substr(line, end + 1)
    }
    inParagraph = 1
}

function tableRow(line, cells, count, i, body) {
    sub(/^\| */, "", line)
    sub(/ *\|$/, "", line)
    gsub(/\\\|/, "\001", line)
    count = split(line, cells, / *\| */)
    for (i = 1; i <= count; i++) gsub(/\001/, "|", cells[i])
    if (!columns) {
        columns = count
        for (i = 1; i <= count; i++) titles[i] = cells[i]
        return
    }
    if (line ~ /^-+/) return
    begun()
    print ".TP 8\n" inline(cells[1] == "" ? "\\ " : cells[1])
    body = ""
    # Of two columns the second is the text, whatever it is called.
    for (i = 2; i < count || (i == count && count > 2 && titles[count] != ""); i++)
        if (cells[i] != "") body = body (body == "" ? "" : "; ") (titles[i] == "" ? "" : titles[i] ": ") cells[i]
    if (body != "") print sentences(body) "\n.br"
    if (i == count && cells[count] != "") print sentences(cells[count])
}

function endTable() { columns = 0 }

# Whether there is text under the heading; from now on there is. What stands under the title alone describes the whole.
function begun(answer) {
    if (!isBegun && !wasHeading) print ".SH DESCRIPTION"
    answer = isBegun
    isBegun = wasHeading = 1
    return answer
}

function flush() {
    if (text == "") return
    if (!inParagraph && (begun() || inItem)) print inItem ? ".IP" : ".PP"
    print sentences(text)
    text = ""
    inParagraph = 0
}

function sentences(words) {
    return leads(inline(words))
}

# Each sentence ends its line, as roff wants to know where one does.
function ended(words) { gsub(/\. +/, ".\n", words); return words }

function leads(lines, all, count, i, joined) {
    count = split(lines, all, "\n")
    for (i = 1; i <= count; i++) joined = joined (i > 1 ? "\n" : "") lead(all[i])
    return joined
}

# What is in backquotes is bold; only outside of them are links and emphasis.
function inline(words, parts, count, i, made) {
    words = links(words)
    count = split(words, parts, "`")
    for (i = 1; i <= count; i++)
        made = made (i % 2 ? ended(emphasis(plain(parts[i]))) : "\\fB" dashes(plain(parts[i])) "\\fR")
    return made
}

function links(words, made, target, shown) {
    while (match(words, /\[(`[^`]*`|[^]`])+\]\([^)]*\)/)) {
        made = made substr(words, 1, RSTART - 1)
        target = shown = substr(words, RSTART, RLENGTH)
        words = substr(words, RSTART + RLENGTH)
        sub(/^\[/, "", shown)
        sub(/\]\([^)]*\)$/, "", shown)
        sub(/^.*\]\(/, "", target)
        sub(/(#[^)]*)?\)$/, "", target)
        sub(/^.*\//, "", target)
        if (target in named && shown == target) shown = named[target]
        if (target in named && named[target] != page "(" section ")" && index(shown, named[target]) == 0)
            shown = shown " (" named[target] ")"
        made = made shown
    }
    return made words
}

function emphasis(words) {
    while (match(words, /\*[^* ][^*]*\*/))
        words = substr(words, 1, RSTART - 1) "\\fI" substr(words, RSTART + 1, RLENGTH - 2) "\\fR" substr(words, RSTART + RLENGTH)
    return words
}

function plain(words) {
    gsub(/\\/, "\\e", words)
    return words
}

# A dash that is typed, not a hyphen.
function dashes(words) { gsub(/-/, "\\-", words); return words }

# A line that begins so would be a request.
function lead(line) { return line ~ /^[.']/ ? "\\&" line : line }

function trimmed(line) { sub(/^ +/, "", line); return line }
