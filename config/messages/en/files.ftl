# What is said about files: whether they can be read, and how tables and TOML files are written.

io-not-found = { $words }

io-permission = { $words }

io-is-a-folder = { $words }

file-unreadable = this cannot be read: { $why }
    .remedy = check the path and who may read it

file-is-utf-16 = the file is UTF-16 text, not UTF-8
    .remedy = save the file again with the encoding UTF-8

file-is-not-utf-8 = the text is not UTF-8 from here on: it was saved in another encoding
    .remedy = save the file again with the encoding UTF-8

file-is-damaged = the file is damaged text
    .remedy = save the file again with the encoding UTF-8

table-is-not-utf-8 = the text is not UTF-8 from here on: it was saved in another encoding
    .remedy = save the file again with the encoding UTF-8 (in Excel, “CSV UTF-8”); the commands that import take `--encoding windows-1252` as well

table-is-unicode = the file is UTF-8 or UTF-16, not Windows-1252
    .remedy = leave `--encoding` away

header-none = the file is empty: it has no header

header-quotes = the header cannot be read: a quotation mark is not closed
    .remedy = save the file as CSV UTF-8

header-damaged = the header cannot be read: it is damaged text
    .remedy = save the file as CSV UTF-8

header-row = the first line is no header: an address stands in it
    .remedy = write a line with the names of the columns above it

header-lacks = the header lacks { $lacking }; its columns are { $columns }

header-unnamed = the header has no column `{ $name }`; its columns are { $columns }
    .remedy = name one of them in `--column { $column }=NAME`

header-twice = the header names the column `{ $column }` twice
    .remedy = keep one of the two

secret-unreadable = `{ $path }` cannot be read

secret-exposed = `{ $path }` is open to others (mode { $mode }); run `chmod 600 { $path }`

offer-no-price-history = the prior prices were not checked: there is no configuration here, and so no price history
    .remedy = run the command in the shop's folder, where `carillon price import FILE` keeps the history

offer-price-file-unreadable = the price file `{ $path }` cannot be read: { $why }
    .remedy = name a CSV file beside the campaign file with the columns sku and price

toml-twice = this stands in the file twice
    .remedy = keep one of the two

toml-missing-key = `{ $key }` is missing from { $table }
    .remedy = write a line `{ $key } = …` there

toml-missing-at-top = `{ $key }` is missing from { $table }
    .remedy = add a line `{ $key } = …`, or a section `[{ $key }]`

toml-unknown-word = { word-unknown }
    .remedy = write one of them, in double quotes

toml-other = { $why }
    .remedy = correct this line and run the command again

wanted-number-up-to = a whole number from 0 to { $most }

wanted-whole-number = a whole number

wanted-day = a day such as `2027-01-06`, without quotation marks

cannot-read = cannot read `{ $path }`

cannot-write = cannot write `{ $path }`

cannot-make-folder = the folder `{ $path }` cannot be made

columns-unused = these columns are not used: { $columns }

columns-unused-of = these columns of `{ $file }` are not used: { $columns }

report-line = line

report-reason = reason

row-no-value = `{ $column }` has no value: the sheet shows `{ $shown }`

workbook-old = this is a workbook of an old form (`.xls`), or one that a password protects
    .remedy = save it as `.xlsx` without a password, or as CSV in UTF-8

workbook-open-document = this is no `.xlsx`, but an OpenDocument file
    .remedy = save it as `.xlsx`, or as CSV in UTF-8

workbook-too-large = the workbook is larger than what is read: { $packed } MiB, { $unpacked } MiB unpacked, and a table of 128 MiB
    .remedy = save the sheet as CSV in UTF-8: such files may be of any size

workbook-damaged = the workbook cannot be read: { $why }
    .remedy = open it in the spreadsheet and save it again as `.xlsx`, or as CSV in UTF-8

workbook-no-such-sheet = there is no sheet `{ $sheet }`; there are { $sheets }
    .remedy = name one of them, or give its number

workbook-empty = no sheet of the workbook has anything in it
    .remedy = save the workbook with its table

workbook-which-sheet = several sheets have something in them: { $sheets }
    .remedy = say which with `--sheet`, in a campaign file with `sheet = "…"` below `prices`

workbook-is-none = a sheet was named, and this is no workbook
    .remedy = leave the sheet out: a CSV file is one table
