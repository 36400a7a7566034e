"""Every word of the interface, the three languages side by side.

What an answer itself says (lead-in, refusal, how sure) is in `qa.render`: it follows the question's language, these
words follow the reader's choice.
"""

from __future__ import annotations

from collections.abc import Mapping

from qa.records import Script

LANGUAGES: tuple[Script, ...] = ("en", "zh-Hant", "zh-Hans")
NAMES: Mapping[Script, str] = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}

WORDS: Mapping[str, tuple[str, str, str]] = {
    # the frame
    "product": ("News QA", "新聞問答", "新闻问答"),
    "tab_ask": ("Ask", "提問", "提问"),
    "tab_batch": ("Batch", "批次提問", "批量提问"),
    "tab_corpus": ("Articles", "報導庫", "报道库"),
    "views": ("Views", "頁面", "页面"),
    "interface_language": ("Interface language", "介面語言", "界面语言"),
    "theme": ("Light or dark", "淺色或深色", "浅色或深色"),
    "skip": ("Skip to the question box", "跳到提問欄", "跳到提问栏"),
    "close": ("Close", "關閉", "关闭"),
    "cancel": ("Cancel", "取消", "取消"),
    # the state of the index
    "preparing": ("Getting ready…", "準備中…", "准备中…"),
    "preparing_model": (
        "Getting ready: loading the language model…",
        "準備中：正在載入語言模型…",
        "准备中：正在加载语言模型…",
    ),
    "preparing_index": (
        "Getting ready: reading the articles, {done} of {total}…",
        "準備中：正在讀取報導，{done}／{total}…",
        "准备中：正在读取报道，{done}／{total}…",
    ),
    "preparing_note": (
        "You can type a question now; it is answered as soon as everything is ready.",
        "現在就可以輸入問題，準備完成後會立刻回答。",
        "现在就可以输入问题，准备完成后会立刻回答。",
    ),
    "ready": ("Articles: {articles} · {dates}", "{articles} 篇報導 · {dates}", "{articles} 篇报道 · {dates}"),
    "ready_undated": ("Articles: {articles}", "{articles} 篇報導", "{articles} 篇报道"),
    "updating": (
        "Bringing the index up to date, {done} of {total}…",
        "正在更新索引，{done}／{total}…",
        "正在更新索引，{done}／{total}…",
    ),
    "updated": ("The index has been brought up to date.", "索引已更新。", "索引已更新。"),
    "failed": ("Something went wrong: {error}", "發生錯誤：{error}", "发生错误：{error}"),
    "unreachable": (
        "The server does not answer. Check that it is still running, then try again.",
        "伺服器沒有回應。請確認它仍在執行，然後再試一次。",
        "服务器没有响应。请确认它仍在运行，然后再试一次。",
    ),
    "login": (
        "Please log in with the name and password of this server.",
        "請輸入此伺服器的名稱與密碼登入。",
        "请输入此服务器的名称与密码登录。",
    ),
    "not_understood": (
        "This request could not be understood.",
        "無法理解這項要求。",
        "无法理解这项请求。",
    ),
    # asking
    "conversation": ("Conversation", "對話", "对话"),
    "question": ("Your question", "您的問題", "您的问题"),
    "question_hint": (
        "Ask about the articles in English or Chinese",
        "用中文或英文詢問這些報導的內容",
        "用中文或英文询问这些报道的内容",
    ),
    "question_help": (
        "Enter sends, Shift+Enter begins a new line.",
        "按 Enter 送出，Shift+Enter 換行。",
        "按 Enter 发送，Shift+Enter 换行。",
    ),
    "send": ("Ask", "提問", "提问"),
    "stop": ("Stop", "停止", "停止"),
    "stopped": ("Stopped.", "已停止。", "已停止。"),
    "searching": ("Searching the articles…", "正在查找報導…", "正在查找报道…"),
    "too_long": (
        "The question has {length} characters; please ask one of at most {limit}.",
        "問題有 {length} 個字元，請縮短到 {limit} 個以內。",
        "问题有 {length} 个字符，请缩短到 {limit} 个以内。",
    ),
    "welcome": ("Ask the articles", "向報導提問", "向报道提问"),
    "welcome_text": (
        "Every answer is made of quotes from the articles, each with its source. What they do not say is not answered.",
        "每個回答都由報導原文的引句組成，並附上出處。報導沒有寫的，就不回答。",
        "每个回答都由报道原文的引句组成，并附上出处。报道没有写的，就不回答。",
    ),
    "examples": ("For example", "例如", "例如"),
    "answered": (
        "Answered. Statements: {statements}; sources: {sources}.",
        "已回答：{statements} 個說法，{sources} 個出處。",
        "已回答：{statements} 个说法，{sources} 个出处。",
    ),
    "declined": ("No answer in the articles.", "報導中沒有答案。", "报道中没有答案。"),
    # an answer
    "edit": ("Edit", "修改", "修改"),
    "retry": ("Ask again", "再問一次", "再问一次"),
    "copy_answer": ("Copy", "複製", "复制"),
    "copied": ("Copied", "已複製", "已复制"),
    "copy_failed": (
        "The browser did not allow copying.",
        "瀏覽器不允許複製。",
        "浏览器不允许复制。",
    ),
    "link": ("Link", "連結", "链接"),
    "link_copied": ("Link copied", "已複製連結", "已复制链接"),
    "searched_as": ("Searched as:", "實際查詢：", "实际查询："),
    "sources_of": ("Show the sources of this answer", "顯示這個回答的出處", "显示这个回答的出处"),
    "show_sources": ("Sources", "出處", "出处"),
    "source_number": ("Source {number}", "出處 {number}", "出处 {number}"),
    "outlets": ("{number} outlets say this", "{number} 家媒體有此說法", "{number} 家媒体有此说法"),
    "articles_say": ("{number} articles say this", "{number} 篇報導有此說法", "{number} 篇报道有此说法"),
    "figures": ("The figures side by side", "各項數字並列", "各项数字并列"),
    "figure": ("Figure", "數字", "数字"),
    "near_beside": (
        "The nearest passages are shown under Sources.",
        "最接近的段落列在「出處」欄。",
        "最接近的段落列在“出处”栏。",
    ),
    "good": ("Helpful", "有幫助", "有帮助"),
    "bad": ("Not right", "有問題", "有问题"),
    "what_is_wrong": ("What is wrong?", "哪裡有問題？", "哪里有问题？"),
    "wrong_passage": ("Wrong passage", "引錯段落", "引错段落"),
    "missing_passage": ("A passage is missing", "漏了段落", "漏了段落"),
    "should_decline": ("Should have declined", "不該回答", "不该回答"),
    "thanks": ("Noted, thank you.", "已記下，謝謝。", "已记下，谢谢。"),
    # sources
    "sources": ("Sources", "出處", "出处"),
    "sources_empty": (
        "The quotes of an answer are shown here in their passages.",
        "回答中的引句會連同原文段落顯示在這裡。",
        "回答中的引句会连同原文段落显示在这里。",
    ),
    "all_articles": ("The articles", "報導一覽", "报道一览"),
    "script": ("Script of the sources", "出處的字體", "出处的字体"),
    "script_original": ("Original", "原文", "原文"),
    "script_tw": ("繁 Taiwan", "繁（台灣）", "繁（台湾）"),
    "script_hk": ("繁 Hong Kong", "繁（香港）", "繁（香港）"),
    "script_cn": ("简 Mainland", "简（大陸）", "简（大陆）"),
    "converted": (
        "Converted for reading; the original is what is copied and cited.",
        "已轉換字體以便閱讀；複製與引用時一律使用原文。",
        "已转换字体以便阅读；复制和引用时一律使用原文。",
    ),
    "gloss": ("English word help", "英文詞義", "英文词义"),
    "gloss_help": (
        "Point at a Chinese word to read it in English",
        "指向中文詞語即可看到英文詞義",
        "指向中文词语即可看到英文词义",
    ),
    "gloss_loading": ("Looking the words up…", "正在查詢詞義…", "正在查询词义…"),
    "back_to_answer": ("Back to the answer", "回到回答", "回到回答"),
    "whole_article": ("Whole article", "全文", "全文"),
    "copy": ("Copy", "複製", "复制"),
    "copy_text": ("As text", "純文字", "纯文本"),
    "copy_markdown": ("As Markdown", "Markdown", "Markdown"),
    "copy_html": ("As HTML", "HTML", "HTML"),
    "why": ("Why this passage", "為何選這段", "为何选这段"),
    "why_meaning": ("Closeness in meaning", "語意相近程度", "语义相近程度"),
    "why_passage": ("Closeness of the passage", "段落相近程度", "段落相近程度"),
    "why_words": ("Words in common", "用詞重合程度", "用词重合程度"),
    "why_scale": (
        "In standard deviations above an average passage.",
        "以高於平均段落的標準差表示。",
        "以高于平均段落的标准差表示。",
    ),
    "matches": ("Matched terms", "對應的詞語", "对应的词语"),
    "original_link": ("Original page", "原始網頁", "原始网页"),
    "language_en": ("English", "英文", "英文"),
    "language_zh-Hant": ("Traditional Chinese", "繁體中文", "繁体中文"),
    "language_zh-Hans": ("Simplified Chinese", "簡體中文", "简体中文"),
    "language_zh": ("Chinese", "中文", "中文"),
    "region_TW": ("Taiwan", "台灣", "台湾"),
    "region_HK": ("Hong Kong", "香港", "香港"),
    "region_MO": ("Macau", "澳門", "澳门"),
    "region_CN": ("Mainland China", "中國大陸", "中国大陆"),
    "region_SG": ("Singapore", "新加坡", "新加坡"),
    "region_INT": ("International", "國際", "国际"),
    "undated": ("undated", "日期不詳", "日期不详"),
    "caption": ("photo caption", "圖說", "图片说明"),
    "article_gone": (
        "This article is no longer in the index.",
        "這篇報導已不在索引中。",
        "这篇报道已不在索引中。",
    ),
    "quotes_marked": ("{number} quotes marked", "已標示 {number} 段引句", "已标示 {number} 段引句"),
    "quote_marked": ("1 quote marked", "已標示 1 段引句", "已标示 1 段引句"),
    "next_quote": ("Next quote", "下一段引句", "下一段引句"),
    # narrowing
    "narrow": ("Narrow", "篩選", "筛选"),
    "since": ("From", "起始日期", "起始日期"),
    "until": ("Until", "結束日期", "结束日期"),
    "outlet": ("Outlet", "媒體", "媒体"),
    "language": ("Language", "語言", "语言"),
    "any": ("Any", "不限", "不限"),
    "chip_since": ("from {value}", "{value} 起", "{value} 起"),
    "chip_until": ("until {value}", "{value} 止", "{value} 止"),
    "remove_filter": ("Remove the filter: {value}", "移除篩選：{value}", "移除筛选：{value}"),
    "clear_filters": ("Clear all", "全部清除", "全部清除"),
    "narrowed": (
        "{admitted} of {total} articles; {excluded} left out",
        "{total} 篇報導中的 {admitted} 篇，排除 {excluded} 篇",
        "{total} 篇报道中的 {admitted} 篇，排除 {excluded} 篇",
    ),
    "bad_range": (
        "The first date is after the last one.",
        "起始日期晚於結束日期。",
        "起始日期晚于结束日期。",
    ),
    # the batch tab
    "batch_title": ("A file of questions", "以檔案批次提問", "用文件批量提问"),
    "batch_text": (
        "Drop a CSV, TSV, XLSX, JSONL or TXT file, one question a row. A spreadsheet needs a column named question.",
        "放入 CSV、TSV、XLSX、JSONL 或 TXT 檔，每列一個問題；試算表需有名為 question 或「問題」的欄位。",
        "放入 CSV、TSV、XLSX、JSONL 或 TXT 文件，每行一个问题；电子表格需有名为 question 或“问题”的列。",
    ),
    "batch_drop": (
        "Drop the file here, or choose one",
        "將檔案拖放到這裡，或點選以選擇",
        "将文件拖放到这里，或点击选择",
    ),
    "batch_running": (
        "{name}: {done} of {total} answered…",
        "{name}：已處理 {done}／{total} 題…",
        "{name}：已处理 {done}／{total} 题…",
    ),
    "batch_done": (
        "{name}: {found} of {total} with an answer.",
        "{name}：共 {total} 題，{found} 題有答案。",
        "{name}：共 {total} 题，{found} 题有答案。",
    ),
    "batch_cancelled": (
        "{name}: cancelled after {done} of {total}; {found} with an answer. What is done can be downloaded.",
        "{name}：已取消，{total} 題中處理了 {done} 題，{found} 題有答案。可下載這 {done} 題的結果。",
        "{name}：已取消，{total} 题中处理了 {done} 题，{found} 题有答案。可下载这 {done} 题的结果。",
    ),
    "batch_gone": (
        "This run is no longer kept; start it again.",
        "這次執行的結果已不保留，請重新開始。",
        "这次运行的结果已不保留，请重新开始。",
    ),
    "too_large": (
        "The file is larger than {limit} MB.",
        "檔案超過 {limit} MB。",
        "文件超过 {limit} MB。",
    ),
    "download": ("Download", "下載", "下载"),
    "column_question": ("Question", "問題", "问题"),
    "column_found": ("Answer", "有無答案", "有无答案"),
    "column_confidence": ("Confidence", "把握", "把握"),
    "column_quote": ("First quote", "第一段引句", "第一段引句"),
    "column_sources": ("Sources", "出處", "出处"),
    "found_yes": ("Yes", "有", "有"),
    "found_no": ("No", "無", "无"),
    "open_in_chat": ("Ask this question", "提出這個問題", "提出这个问题"),
    "results": ("Results", "結果", "结果"),
    # the corpus tab
    "corpus_title": ("The articles", "報導庫", "报道库"),
    "corpus_counts": (
        "Articles in the folder: {articles}. Files skipped: {skipped}.",
        "資料夾中有 {articles} 篇報導，略過 {skipped} 個檔案。",
        "文件夹中有 {articles} 篇报道，跳过 {skipped} 个文件。",
    ),
    "corpus_moved_on": (
        "The folder has changed since the index was built.",
        "建立索引後資料夾已有變動。",
        "建立索引后文件夹已有变动。",
    ),
    "corpus_read_only": (
        "The folder cannot be changed from here: the server was started without --editable.",
        "無法在此變更資料夾：伺服器啟動時沒有加上 --editable。",
        "无法在此更改文件夹：服务器启动时没有加上 --editable。",
    ),
    "column_title": ("Title", "標題", "标题"),
    "column_outlet": ("Outlet", "媒體", "媒体"),
    "column_date": ("Date", "日期", "日期"),
    "column_language": ("Language", "語言", "语言"),
    "column_passages": ("Passages", "段落", "段落"),
    "column_state": ("State", "狀態", "状态"),
    "column_file": ("File", "檔案", "文件"),
    "column_reason": ("Why", "原因", "原因"),
    "state_indexed": ("indexed", "已索引", "已索引"),
    "state_new": ("new", "新增", "新增"),
    "state_changed": ("changed", "已變更", "已更改"),
    "state_removed": ("removed", "已移除", "已移除"),
    "skipped_files": ("Skipped files", "略過的檔案", "跳过的文件"),
    "over_time": ("Articles over time by outlet", "各媒體報導的時間分布", "各媒体报道的时间分布"),
    "over_time_help": (
        "Choose a bar to show its articles only.",
        "選擇一段長條，只顯示其中的報導。",
        "选择一段条形，只显示其中的报道。",
    ),
    "no_outlet": ("no outlet", "未註明媒體", "未注明媒体"),
    "show_all": ("Show all", "顯示全部", "显示全部"),
    "ask_these": ("Ask these articles", "只問這些報導", "只问这些报道"),
    "shown_only": ("Shown: {what}", "目前顯示：{what}", "当前显示：{what}"),
    "add_articles": (
        "Drop articles here to add them, or choose files",
        "將報導檔案拖放到這裡即可新增，或點選以選擇",
        "将报道文件拖放到这里即可添加，或点击选择",
    ),
    "added": ("Added: {names}", "已新增：{names}", "已添加：{names}"),
    "added_many": ("Files added: {number}", "已新增 {number} 個檔案", "已添加 {number} 个文件"),
    "removed": ("Removed: {name}", "已移除：{name}", "已移除：{name}"),
    "remove": ("Remove", "移除", "移除"),
    "remove_sure": (
        "Delete the file {name} from the folder of articles?",
        "要從報導資料夾刪除檔案 {name} 嗎？",
        "要从报道文件夹删除文件 {name} 吗？",
    ),
    "rebuild": ("Rebuild the index", "重建索引", "重建索引"),
    "rebuilding": ("Rebuilding…", "重建中…", "重建中…"),
    "password": ("Password", "密碼", "密码"),
    "password_wrong": ("The password is wrong.", "密碼不正確。", "密码不正确。"),
    # history and export
    "new": ("New conversation", "新對話", "新对话"),
    "history": ("History", "紀錄", "记录"),
    "history_empty": ("No earlier conversations.", "沒有較早的對話。", "没有更早的对话。"),
    "history_note": (
        "Kept in this browser only.",
        "只保存在這個瀏覽器中。",
        "只保存在这个浏览器中。",
    ),
    "history_clear": ("Delete all", "全部刪除", "全部删除"),
    "history_clear_sure": ("Delete all conversations?", "要刪除所有對話嗎？", "要删除所有对话吗？"),
    "delete": ("Delete", "刪除", "删除"),
    "export": ("Export", "匯出", "导出"),
    "export_markdown": ("Markdown", "Markdown", "Markdown"),
    "export_json": ("JSON", "JSON", "JSON"),
}


def say(key: str, language: Script, **values: object) -> str:
    """Return the words of `key` in a language, with its values put in.

    >>> say("chip_since", "zh-Hant", value="2025-11-21")
    '2025-11-21 起'
    """
    return WORDS[key][LANGUAGES.index(language)].format(**values)


def table() -> dict[str, dict[str, str]]:
    """Return all words by language, for the page itself."""
    return {name: {key: row[place] for key, row in WORDS.items()} for place, name in enumerate(LANGUAGES)}
