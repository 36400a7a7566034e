"""Generated text for the laws: bilingual, with the marks, digits and breaks that news is made of."""

from __future__ import annotations

from hypothesis import strategies as st

_PIECES = (
    "盧比歐（Marco Rubio）", "普丁", "特朗普", "乌克兰", "烏克蘭", "的", "他", "表示", "核電廠", "計畫",
    "说：「好。」", "，", "。", "；", "：", "！", "？", "「", "」", "（", "）", "、", "…", "“", "”", "\n",
    "\n\n", " ", "\u3000", "\t", "60萬", "60万", "600,000", "600 thousand", "第19點", "11月27日", "27 November",
    "50%", "百分之五十", "一半", "1.5", "$100 billion", "1. ", "2. ", "第二條：", "- ", "# ", "▲",
    "（圖／路透）", "記者", "By Ann Lee", "date 2025-11-21 ", "1/2", "2025-13-45", "Mr. Tusk ", "the U.S. ",
    "Ukraine's ", "plan ", "It ", "said. ", "however, ", "Geneva", ": ", "! ", "? ", ". ", "(", ")", "é", "ﬁ",
    "İ", "ẞ", "\uff21", "９", "𠮷", "🙂", "\u200b", "\u00a0", "«", "㍿", "①", "Ⅷ", "½", "٣", "१",
)  # fmt: skip

pieces = st.lists(st.sampled_from(_PIECES), max_size=60).map("".join)
texts = st.one_of(pieces, st.text(max_size=120), st.tuples(pieces, st.text(max_size=20), pieces).map("".join))
