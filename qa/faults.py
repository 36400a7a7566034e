"""What errors say, in English, Traditional and Simplified Chinese.

Errors are raised in English, where the fact is known. Here each sentence stands beside its Chinese, with the
particulars (a file, a row, a size) as fields.
"""

from __future__ import annotations

import re
from functools import cache
from typing import get_args

from qa.records import Script

_LANGUAGES: tuple[Script, ...] = get_args(Script)

# As raised, in Traditional and in Simplified Chinese. A leading "file: " is taken off before and put back after.
FAULTS: tuple[tuple[str, str, str], ...] = (
    # what the system says
    ("No space left on device", "磁碟空間不足", "磁盘空间不足"),
    ("Disk quota exceeded", "超出磁碟配額", "超出磁盘配额"),
    ("Permission denied", "沒有權限", "没有权限"),
    ("Operation not permitted", "不允許這項操作", "不允许此操作"),
    ("Read-only file system", "檔案系統為唯讀", "文件系统为只读"),
    ("No such file or directory", "檔案或資料夾不存在", "文件或文件夹不存在"),
    ("File name too long", "檔名過長", "文件名过长"),
    ("Input/output error", "讀寫錯誤", "读写错误"),
    # questions
    (
        "the question has {length} characters; ask one of at most {limit}",
        "問題有 {length} 個字元，請縮短到 {limit} 個以內",
        "问题有 {length} 个字符，请缩短到 {limit} 个以内",
    ),
    (
        "{field} {value} is not a date; write it as YYYY-MM-DD",
        "「{value}」不是日期，請寫成 YYYY-MM-DD",
        "“{value}”不是日期，请写成 YYYY-MM-DD",
    ),
    (
        "{value} is not a date; write it as YYYY-MM-DD",
        "「{value}」不是日期，請寫成 YYYY-MM-DD",
        "“{value}”不是日期，请写成 YYYY-MM-DD",
    ),
    (
        "{value} may be a day of two months; write it as YYYY-MM-DD",
        "「{value}」可能是兩個不同的日子，請寫成 YYYY-MM-DD",
        "“{value}”可能是两个不同的日子，请写成 YYYY-MM-DD",
    ),
    (
        "since {since} is after until {until}; swap them",
        "起始日期 {since} 晚於結束日期 {until}，請對調",
        "起始日期 {since} 晚于结束日期 {until}，请对调",
    ),
    (
        "{value} is not a language of the corpus; use en or zh",
        "「{value}」不是報導的語言，請用 en 或 zh",
        "“{value}”不是报道的语言，请用 en 或 zh",
    ),
    (
        "{field} {value} is out of range; use {low} to {high}",
        "{field} 的值 {value} 超出範圍，請用 {low} 到 {high}",
        "{field} 的值 {value} 超出范围，请用 {low} 到 {high}",
    ),
    # a file of questions
    ("the file is empty", "檔案是空的", "文件是空的"),
    ("the file is empty; put a question in it", "檔案是空的，請填入問題", "文件是空的，请填入问题"),
    ("this is a folder; name a file in it", "這是資料夾，請選擇其中的檔案", "这是文件夹，请选择其中的文件"),
    ("there is no such file; check the name", "沒有這個檔案，請檢查檔名", "没有这个文件，请检查文件名"),
    (
        "cannot be read ({reason}); check its permissions",
        "無法讀取（{reason}），請檢查權限",
        "无法读取（{reason}），请检查权限",
    ),
    ("cannot be read ({reason})", "無法讀取（{reason}）", "无法读取（{reason}）"),
    (
        "rows are read from {forms} files; save it as one of these",
        "只能讀取 {forms} 檔，請存成其中一種",
        "只能读取 {forms} 文件，请存成其中一种",
    ),
    (
        "there is no question below the header; add one a row",
        "標題列下面沒有問題，請每列填一個",
        "标题行下面没有问题，请每行填一个",
    ),
    (
        "not a text file but a workbook or document; rename it .xlsx or save it as .csv",
        "這不是文字檔，而是試算表或文件；請改名為 .xlsx 或另存為 .csv",
        "这不是文本文件，而是电子表格或文档；请改名为 .xlsx 或另存为 .csv",
    ),
    (
        "{file}, line {number}: a quotation mark is opened and never closed; mend the file",
        "{file} 第 {number} 行：引號沒有結尾，請修正檔案",
        "{file} 第 {number} 行：引号没有结尾，请修正文件",
    ),
    (
        "{file}, line {number}: {reason}; mend the file",
        "{file} 第 {number} 行無法讀取，請修正檔案",
        "{file} 第 {number} 行无法读取，请修正文件",
    ),
    ("no column {name}", "找不到「{name}」欄", "找不到“{name}”列"),
    (
        "{missing}; the columns are: {have}. Name the one with the questions 'question'",
        "{missing}；現有的欄是：{have}。請把問題所在的欄命名為「問題」",
        "{missing}；现有的列是：{have}。请把问题所在的列命名为“问题”",
    ),
    (
        "no question under {column}; write it there as text",
        "「{column}」欄裡沒有問題，請以文字填入",
        "“{column}”列里没有问题，请以文本填入",
    ),
    (
        "the cell holds {value} without a value; calculate and save it in a spreadsheet program",
        "儲存格的內容 {value} 沒有計算結果，請用試算表軟體計算後存檔",
        "单元格的内容 {value} 没有计算结果，请用电子表格软件计算后保存",
    ),
    (
        "line {number}: not a JSON object; write one object a line",
        "第 {number} 行不是 JSON 物件，請每行寫一個",
        "第 {number} 行不是 JSON 对象，请每行写一个",
    ),
    (
        "every sheet is hidden; show the one with the questions",
        "所有工作表都被隱藏，請取消隱藏有問題的那張",
        "所有工作表都被隐藏，请取消隐藏有问题的那张",
    ),
    (
        "not an .xlsx workbook, or a damaged one; open it in a spreadsheet program and save it again",
        "不是 .xlsx 活頁簿，或檔案已損壞；請用試算表軟體開啟後重新存檔",
        "不是 .xlsx 工作簿，或文件已损坏；请用电子表格软件打开后重新保存",
    ),
    ("cannot be opened, {reason}", "無法開啟：{reason}", "无法打开：{reason}"),
    (
        "it is locked by a password; save it without one",
        "檔案設有密碼，請取消密碼後再存檔",
        "文件设有密码，请取消密码后再保存",
    ),
    ("it is an old .xls; save it as .xlsx", "這是舊式的 .xls，請另存為 .xlsx", "这是旧式的 .xls，请另存为 .xlsx"),
    (
        "{size} bytes when unpacked; split it into smaller workbooks",
        "解壓縮後有 {size} 位元組，請拆成較小的活頁簿",
        "解压后有 {size} 字节，请拆成较小的工作簿",
    ),
    (
        "has {rows} questions; give it 1 to {limit}",
        "有 {rows} 個問題，請控制在 1 到 {limit} 個",
        "有 {rows} 个问题，请控制在 1 到 {limit} 个",
    ),
    # answers that are being written
    ("cannot be written ({reason})", "無法寫入（{reason}）", "无法写入（{reason}）"),
    ("cannot be written ({reason}); {advice}", "無法寫入（{reason}）", "无法写入（{reason}）"),
    (
        "SOURCE_DATE_EPOCH is {value}; set it to seconds since 1970, or unset it",
        "SOURCE_DATE_EPOCH 的值是「{value}」；請設為 1970 年起的秒數，或取消設定",
        "SOURCE_DATE_EPOCH 的值是“{value}”；请设为 1970 年起的秒数，或取消设置",
    ),
    ("no answers as {form}", "沒有 {form} 形式的回答", "没有 {form} 形式的回答"),
    (
        "{what} (at most {limit} a minute); try again in {seconds} seconds",
        "{what}（每分鐘最多 {limit} 次），請 {seconds} 秒後再試",
        "{what}（每分钟最多 {limit} 次），请 {seconds} 秒后再试",
    ),
    ("too many questions from this address", "來自這個位址的提問太頻繁", "来自此地址的提问太频繁"),
    ("too many files from this address", "來自這個位址的檔案太多", "来自此地址的文件太多"),
    ("too many wrong passwords from this address", "來自這個位址的錯誤密碼太多", "来自此地址的错误密码太多"),
    (
        "one file of questions is answered at a time; wait for yours to end, or cancel it",
        "一次只能處理一份問題檔，請等目前這份完成，或先取消它",
        "一次只能处理一份问题文件，请等当前这份完成，或先取消它",
    ),
    ("the file is larger than {limit} MB", "檔案超過 {limit} MB", "文件超过 {limit} MB"),
    (
        "the file was damaged on its way; send it again",
        "檔案在傳送途中損壞，請重新傳送",
        "文件在传送途中损坏，请重新发送",
    ),
    (
        "the index could not be made; the server's terminal tells more",
        "索引建立失敗，詳情請看伺服器的終端機",
        "索引建立失败，详情请看服务器的终端",
    ),
    (
        "an unexpected fault; the server's terminal tells more",
        "發生意外錯誤，詳情請看伺服器的終端機",
        "发生意外错误，详情请看服务器的终端",
    ),
    (
        "too many files are being answered; wait for one to end",
        "正在處理的檔案太多，請等其中一個完成",
        "正在处理的文件太多，请等其中一个完成",
    ),
    ("the index is being prepared; try again in a minute", "索引準備中，請一分鐘後再試", "索引准备中，请一分钟后再试"),
    ("no article {name} in the index", "索引中沒有「{name}」這篇報導", "索引中没有“{name}”这篇报道"),
    # the folder of articles
    (
        "no corpus folder at {folder}; make it and put articles in it, or name another with --corpus",
        "找不到報導資料夾 {folder}；請建立並放入報導，或用 --corpus 指定另一個",
        "找不到报道文件夹 {folder}；请建立并放入报道，或用 --corpus 指定另一个",
    ),
    (
        "the corpus folder {folder} cannot be read ({reason})",
        "無法讀取報導資料夾 {folder}（{reason}）",
        "无法读取报道文件夹 {folder}（{reason}）",
    ),
    (
        "no article could be read in {folder} ({file}: {reason}); put {forms} files in it",
        "{folder} 裡沒有可讀的報導（{file}：{reason}）；請放入 {forms} 檔",
        "{folder} 里没有可读的报道（{file}：{reason}）；请放入 {forms} 文件",
    ),
    (
        "no article could be read in {folder}; put {forms} files in it",
        "{folder} 裡沒有可讀的報導；請放入 {forms} 檔",
        "{folder} 里没有可读的报道；请放入 {forms} 文件",
    ),
    (
        "names.tsv, line {number}: {line} has fewer than two spellings; divide them by tabs",
        "names.tsv 第 {number} 行：「{line}」不到兩種寫法，請用 Tab 分隔",
        "names.tsv 第 {number} 行：“{line}”不到两种写法，请用 Tab 分隔",
    ),
    (
        "{file} cannot be read as UTF-8 text; save it as UTF-8 or remove it",
        "{file} 不是 UTF-8 文字，請存成 UTF-8 或移除",
        "{file} 不是 UTF-8 文本，请存成 UTF-8 或移除",
    ),
    (
        "this server does not change its articles; start it with --editable",
        "此伺服器不允許變更報導；啟動時請加上 --editable",
        "此服务器不允许更改报道；启动时请加上 --editable",
    ),
    ("the password is wrong", "密碼不正確", "密码不正确"),
    ("articles are read from {forms} files", "報導只能是 {forms} 檔", "报道只能是 {forms} 文件"),
    (
        "there is a file of this name; remove it first or choose another name",
        "已有同名檔案，請先移除它或改用別的名稱",
        "已有同名文件，请先移除它或改用别的名称",
    ),
    ("no file of this name can be removed here", "這裡沒有可移除的同名檔案", "这里没有可移除的同名文件"),
    ("cannot be removed ({reason})", "無法移除（{reason}）", "无法移除（{reason}）"),
    ("{name} is no name for a file", "「{name}」不能當作檔名", "“{name}”不能用作文件名"),
    # files that are skipped
    ("the folder cannot be read ({reason})", "無法讀取資料夾（{reason}）", "无法读取文件夹（{reason}）"),
    (
        "{form} files are not read; save it as {other}",
        "不讀取 {form} 檔，請另存為 {other}",
        "不读取 {form} 文件，请另存为 {other}",
    ),
    (
        "a link to a folder is not followed; move the folder here, or name it with --corpus",
        "不跟隨指向資料夾的連結；請把資料夾移到這裡，或用 --corpus 指定",
        "不跟随指向文件夹的链接；请把文件夹移到这里，或用 --corpus 指定",
    ),
    (
        "a link to nothing, or in a circle; remove it",
        "連結沒有目標，或繞回自己，請移除",
        "链接没有目标，或绕回自身，请移除",
    ),
    (
        "a link out of the corpus folder; put the file itself here",
        "連結指向報導資料夾之外，請把檔案本身放進來",
        "链接指向报道文件夹之外，请把文件本身放进来",
    ),
    ("it vanished while it was read", "讀取途中檔案消失了", "读取途中文件消失了"),
    (
        "not an ordinary file but a pipe or a device; remove it",
        "不是一般檔案，而是管線或裝置，請移除",
        "不是普通文件，而是管道或设备，请移除",
    ),
    (
        "{size} MB is too large for such a file (at most {limit} MB); split it",
        "{size} MB 太大，這類檔案最多 {limit} MB，請拆成幾個檔案",
        "{size} MB 太大，这类文件最多 {limit} MB，请拆成几个文件",
    ),
    (
        "another file has this name too, once it is made printable; rename one",
        "另一個檔案的名稱顯示出來與此相同，請改名",
        "另一个文件的名称显示出来与此相同，请改名",
    ),
    ("the file has no text", "檔案裡沒有文字", "文件里没有文字"),
    (
        "it takes longer than {seconds} seconds to read; save it in a simpler form",
        "讀取超過 {seconds} 秒，請存成較簡單的格式",
        "读取超过 {seconds} 秒，请存成较简单的格式",
    ),
    (
        "broken: it cannot be read; save it in a simpler form",
        "檔案損壞，無法讀取，請存成較簡單的格式",
        "文件损坏，无法读取，请存成较简单的格式",
    ),
    ("broken: it cannot be read ({reason})", "檔案損壞，無法讀取", "文件损坏，无法读取"),
    (
        "in no encoding that can be told (UTF-8, UTF-16, Big5, GB18030); save it as UTF-8",
        "無法辨認編碼（UTF-8、UTF-16、Big5、GB18030 都不是），請存成 UTF-8",
        "无法辨认编码（UTF-8、UTF-16、Big5、GB18030 都不是），请存成 UTF-8",
    ),
    ("not a text file (it holds binary data)", "不是文字檔（內含二進位資料）", "不是文本文件（内含二进制数据）"),
    (
        "not {encoding} text, as it claims (byte {place}); save it as UTF-8",
        "檔案自稱是 {encoding}，內容卻不是（第 {place} 個位元組）；請存成 UTF-8",
        "文件自称是 {encoding}，内容却不是（第 {place} 个字节）；请存成 UTF-8",
    ),
    (
        "the front matter is not YAML ({reason}); mend it or remove it",
        "檔首的欄位不是 YAML，請修正或刪除",
        "文件开头的字段不是 YAML，请修正或删除",
    ),
    (
        "it holds {number} files inside; this is no article",
        "裡面有 {number} 個檔案，不是報導",
        "里面有 {number} 个文件，不是报道",
    ),
    ("encrypted; save it without a password", "檔案已加密，請取消密碼後存檔", "文件已加密，请取消密码后保存"),
    (
        "it unpacks to more than {size} MB; this is no article",
        "解壓縮後超過 {size} MB，不是報導",
        "解压后超过 {size} MB，不是报道",
    ),
    (
        "a part of it unpacks to more than {size} MB; this is no article",
        "其中一部分解壓縮後超過 {size} MB，不是報導",
        "其中一部分解压后超过 {size} MB，不是报道",
    ),
    (
        "its part {part} is packed more than {ratio} times over; this is no article",
        "其中的 {part} 壓縮超過 {ratio} 倍，不是報導",
        "其中的 {part} 压缩超过 {ratio} 倍，不是报道",
    ),
    (
        "broken: it is not the ZIP archive that a file of this kind is; get it anew",
        "檔案損壞：不是這類檔案應有的 ZIP 壓縮格式，請重新取得",
        "文件损坏：不是这类文件应有的 ZIP 压缩格式，请重新获取",
    ),
    (
        "broken: its part {part} cannot be unpacked; get it anew",
        "檔案損壞：其中的 {part} 無法解壓縮，請重新取得",
        "文件损坏：其中的 {part} 无法解压，请重新获取",
    ),
    (
        "the PDF has no text (scanned pages?); save one whose text can be selected",
        "PDF 裡沒有文字（可能是掃描頁），請存成文字可以選取的 PDF",
        "PDF 里没有文字（可能是扫描页），请存成文字可以选取的 PDF",
    ),
    (
        "{pages} pages are too long for an article (at most {limit}); split it",
        "共 {pages} 頁，報導最多 {limit} 頁，請拆成幾個檔案",
        "共 {pages} 页，报道最多 {limit} 页，请拆成几个文件",
    ),
    (
        "more than {limit} characters; this is no article: split it",
        "超過 {limit} 個字元，不是一篇報導，請拆成幾個檔案",
        "超过 {limit} 个字符，不是一篇报道，请拆成几个文件",
    ),
    (
        "broken: the PDF cannot be read ({reason}); get it anew",
        "檔案損壞：無法讀取這個 PDF，請重新取得",
        "文件损坏：无法读取这个 PDF，请重新获取",
    ),
    (
        "encrypted, or of the old form (.doc); save it as .docx without a password",
        "檔案已加密，或是舊式的 .doc；請取消密碼並存成 .docx",
        "文件已加密，或是旧式的 .doc；请取消密码并存成 .docx",
    ),
    (
        "broken: there is no Word document in it; get it anew",
        "檔案損壞：裡面沒有 Word 文件，請重新取得",
        "文件损坏：里面没有 Word 文档，请重新获取",
    ),
    (
        "broken: Word's parts in it do not fit together; save it again as .docx",
        "檔案損壞：Word 的各部分不相符，請重新存成 .docx",
        "文件损坏：Word 的各部分不相符，请重新保存为 .docx",
    ),
    (
        "broken: the page cannot be taken apart ({reason}); save it anew",
        "檔案損壞：無法解析這個網頁，請重新儲存",
        "文件损坏：无法解析这个网页，请重新保存",
    ),
    (
        "no article is found in the page; save the page of one article, or its text",
        "網頁裡找不到報導，請儲存單篇報導的網頁或其文字",
        "网页里找不到报道，请保存单篇报道的网页或其文字",
    ),
    (
        "encrypted (protected against copying); save it without protection",
        "檔案有防複製保護，請存成沒有保護的檔案",
        "文件有防复制保护，请存成没有保护的文件",
    ),
    ("the book has no text", "電子書裡沒有文字", "电子书里没有文字"),
    (
        "broken: the book's table of contents cannot be read; get it anew",
        "檔案損壞：讀不出電子書的目錄，請重新取得",
        "文件损坏：读不出电子书的目录，请重新获取",
    ),
    (
        "broken: the first line is no row of a table ({reason})",
        "檔案損壞：第一行不是表格的標題列",
        "文件损坏：第一行不是表格的标题行",
    ),
    ("the line is not JSON", "這一行不是 JSON", "这一行不是 JSON"),
    ("the line is not a JSON object", "這一行不是 JSON 物件", "这一行不是 JSON 对象"),
    ("the row has no text", "這一列沒有文字", "这一行没有文字"),
    ("the table breaks off here ({reason})", "表格到這裡中斷", "表格到这里中断"),
    (
        "{cells} cells under {columns} columns; quote cells that hold the separator",
        "有 {cells} 格，但只有 {columns} 欄；內容含分隔符號的儲存格請加引號",
        "有 {cells} 格，但只有 {columns} 列；内容含分隔符的单元格请加引号",
    ),
    (
        "it and those below are beyond the first {limit} rows; split the file",
        "從這一列起超過 {limit} 列的上限，請拆成幾個檔案",
        "从这一行起超过 {limit} 行的上限，请拆成几个文件",
    ),
    (
        "no column is named text (or content, body, 內文, 正文); name the columns in the first line",
        "沒有名為 text（或 content、body、內文、正文）的欄，請在第一行寫上欄名",
        "没有名为 text（或 content、body、內文、正文）的列，请在第一行写上列名",
    ),
)


def tell(text: str, language: Script) -> str:
    """Return what an error says in a language; a sentence that is not known stays as it is.

    >>> tell("q.csv: the file is empty", "zh-Hant"), tell("nobody foresaw this", "zh-Hant")
    ('q.csv：檔案是空的', 'nobody foresaw this')
    """
    return text if language == "en" else translated(text, language) or text


def translated(text: str, language: Script) -> str | None:
    """Return an English sentence of the library in Chinese, or None for one that is not known."""
    place = _LANGUAGES.index(language)
    for pattern, row in _patterns():
        found = pattern.fullmatch(text)
        if found:
            values = {name: _value(value, language) for name, value in found.groupdict().items()}
            return row[place].format(**values)
    for colon in re.finditer(": ", text):
        rest = translated(text[colon.end() :], language)
        if rest:
            return f"{text[: colon.start()]}：{rest}"
    return None


def _value(value: str, language: Script) -> str:
    return translated(value, language) or value.strip("'\"")


@cache
def _patterns() -> list[tuple[re.Pattern[str], tuple[str, str, str]]]:
    """Return a pattern for each sentence, those that say most first."""
    rows = sorted(FAULTS, key=lambda row: -len(re.sub(r"{\w+}", "", row[0])))
    return [(re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(row[0])), re.DOTALL), row) for row in rows]
