"""Questions offered on an empty page; the starter corpus answers each of them."""

from __future__ import annotations

from collections.abc import Mapping

from qa.records import Script

EXAMPLES: Mapping[Script, tuple[str, ...]] = {
    "en": ("How large may Ukraine's army be under each plan?", "Who drafted the 28-point plan?"),
    "zh-Hant": ("札波羅熱核電廠的電力怎麼分配？", "歐洲的版本和美國的28點有什麼不同？"),
    "zh-Hans": ("扎波罗热核电站由谁监督？", "冻结的俄罗斯资产怎么用？"),
}
