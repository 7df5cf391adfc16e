"""The wording of the synthetic (合成) corpus: our own sentences, modelled on how townships report, with slots for figures.

A slot is ``{indicator:low-high}``; ``{indicator:<other}`` draws at most what ``other`` drew (cases resolved of those
received), ``{indicator:%}`` a rate; a slot named ``-`` is a figure of which nothing is claimed. ``{name}``, ``{own}``
(镇, 乡 or 街道), ``{above}``, ``{year}`` and ``{next}`` are filled in from the report. A measure word follows its slot, so
that a number may also be written in Chinese numerals or with 余 (then the figure is about that many).

Each tuple is one statement in several wordings, of which a report uses at most one: no report states an indicator twice.
"""

# ruff: noqa: E501  (a sentence is easier to judge in one piece)

TITLES = (
    "{place}{year}年法治政府建设年度报告",
    "{place}{year}年度法治政府建设工作情况报告",
    "{place}关于{year}年度法治政府建设情况的报告",
    "{place}{year}年推进法治政府建设工作总结",
    "{year}年{place}法治政府建设工作报告",
)

OPENINGS = (
    "{year}年，{name}在{above}的坚强领导下，深入贯彻习近平法治思想，紧扣《法治政府建设实施纲要（2021—2025年）》部署，扎实推进依法行政各项工作。现将有关情况报告如下：",
    "{year}年以来，{name}坚持依法治理，把法治政府建设与乡村振兴、基层治理一体谋划、一体落实，工作取得一定成效。现将{year}年度工作情况报告如下：",
    "{year}年，在{above}的正确领导下，{name}以“八五”普法为抓手，持续提升依法行政能力。现将全年工作情况总结如下：",
)

SECTIONS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (
        "加强组织领导，压实法治建设责任",
        (
            (
                "全年召开法治建设专题会议{rol_special_meetings:2-12}次。",
                "召开法治政府建设专题会议{rol_special_meetings:2-12}次，研究部署重点任务。",
            ),
            (
                "党委理论学习中心组专题学法{central_group_law_study:2-10}次。",
                "组织理论学习中心组集体学法{central_group_law_study:2-10}次，班子成员轮流领学。",
            ),
            (
                "会前学法{premeeting_law_study:6-30}次，形成制度。",
                "坚持会前学法制度，全年开展会前学法{premeeting_law_study:6-30}次。",
            ),
            (
                "组织机关干部旁听庭审{court_hearing_observations:1-6}次。",
                "全年开展旁听庭审活动{court_hearing_observations:1-6}次，以案促学。",
            ),
            (
                "组织{law_exam_participants:25-180}人参加学法考试，参考率达{law_exam_participation_rate:%}。",
                "全{own}{law_exam_participants:25-180}名机关干部参加学法考试，合格率{law_exam_pass_rate:%}。",
            ),
            (
                "举办法治培训班{rol_training_sessions:1-9}期，培训干部{rol_training_attendances:60-600}人次。",
                "开展法治专题培训{rol_training_sessions:1-9}场次，参训{rol_training_attendances:60-600}人次。",
            ),
            (
                "党政主要负责人切实履行推进法治建设第一责任人职责，做到重要工作亲自部署、重大问题亲自过问、重点环节亲自协调。",
            ),
            ("将法治建设纳入年度工作要点和班子成员年度述职内容，与经济社会发展同部署、同落实、同考核。",),
            (
                "认真学习《中华人民共和国行政处罚法》《中华人民共和国民法典》等法律法规，并结合“一规划两纲要”逐条对照检查。",
            ),
        ),
    ),
    (
        "规范决策程序，提高依法决策水平",
        (
            (
                "全年审查合同{contract_reviews:10-160}份，",
                "对外签订的合同一律先审后签，全年审查各类合同{contract_reviews:10-160}份，",
            ),
            ("出具法律意见书{legal_opinions_issued:5-70}份。", "法律顾问出具法律意见{legal_opinions_issued:5-70}条。"),
            (
                "全年制定行政规范性文件{normative_docs_issued:1-6}件。",
                "印发规范性文件{normative_docs_issued:1-6}件，均按程序报备。",
            ),
            (
                "开展重大行政决策合法性审查{decision_legality_reviews:2-20}件。",
                "对重大行政决策事项进行合法性审查{decision_legality_reviews:2-20}件。",
            ),
            (
                "开展社会稳定风险评估{social_risk_assessments:1-9}件。",
                "完成社会稳定风险评估{social_risk_assessments:1-9}项。",
            ),
            ("聘请法律顾问{legal_advisers:1-5}名。", "现有政府法律顾问{legal_advisers:1-5}人。"),
            (
                "严格落实公众参与、专家论证、风险评估、合法性审查和集体讨论决定等程序，凡涉及群众切身利益的事项一律公开征求意见。",
            ),
            ("坚持“三重一大”事项集体研究，会议议题提前送法律顾问审阅，未经审查的不得提交讨论。",),
        ),
    ),
    (
        "严格规范公正文明执法",
        (
            ("全年开展行政检查{admin_inspections:60-900}次，", "全年实施行政检查{admin_inspections:60-900}次，"),
            (
                "办理行政处罚案件{admin_penalty_cases:5-140}件，罚款{penalty_fine_amount:万}万元。",
                "共作出行政处罚{admin_penalty_cases:5-140}宗，罚款金额{penalty_fine_amount:万}万元。",
            ),
            (
                "开展联合执法{joint_enforcement_operations:4-50}次。",
                "牵头开展联合执法行动{joint_enforcement_operations:4-50}次，形成监管合力。",
            ),
            ("现有持证执法人员{certified_officers:6-40}人。", "全{own}持有行政执法证{certified_officers:6-40}人。"),
            (
                "开展安全生产检查{safety_inspections:40-500}次，排查安全隐患{safety_hazards_found:50-900}处，已整改{safety_hazards_rectified:<safety_hazards_found}处。",
                "组织安全生产检查{safety_inspections:40-500}次，发现安全隐患{safety_hazards_found:50-900}处，完成整改{safety_hazards_rectified:<safety_hazards_found}处。",
            ),
            (
                "组织执法培训{enforcement_training_sessions:1-9}次。",
                "举办行政执法培训{enforcement_training_sessions:1-9}期，进一步规范执法文书。",
            ),
            (
                "拆除违法建筑{illegal_construction_sites:2-60}处，拆除面积{illegal_construction_area:200-9000}平方米。",
                "依法拆除违建{illegal_construction_sites:2-60}处，面积{illegal_construction_area:200-9000}平方米。",
            ),
            ("处理占道经营{-:20-300}起，劝导流动摊贩{-:50-600}人次。", "巡查河道{-:50-400}次，清理垃圾{-:10-200}吨。"),
            (
                "全年无行政复议案件、无行政诉讼案件{=admin_reconsideration_cases=0,admin_litigation_cases=0}。",
                "全年发生行政复议案件{admin_reconsideration_cases:1-5}件。",
            ),
            (
                "全面落实行政执法公示、执法全过程记录、重大执法决定法制审核三项制度，做到执法信息及时公开、执法过程全程留痕。",
            ),
            ("推行包容审慎监管，对轻微违法行为以教育引导为主，帮助经营主体自觉纠正。",),
        ),
    ),
    (
        "防范化解矛盾纠纷，维护社会稳定",
        (
            (
                "全年排查矛盾纠纷{disputes_identified:60-600}件，成功化解{disputes_resolved:<disputes_identified}件。",
                "共排查各类矛盾纠纷{disputes_identified:60-600}起，化解{disputes_resolved:<disputes_identified}起。",
            ),
            ("矛盾纠纷化解率达{disputes_resolution_rate:%}。", "纠纷化解率为{disputes_resolution_rate:%}。"),
            (
                "设立人民调解委员会{mediation_committees:8-40}个，现有人民调解员{people_mediators:30-220}人。",
                "全{own}共有人民调解委员会{mediation_committees:8-40}个、人民调解员{people_mediators:30-220}名。",
            ),
            (
                "受理信访件{petitions_received:20-260}件，办结{petitions_resolved:<petitions_received}件。",
                "全年受理群众来信来访{petitions_received:20-260}件，已办结{petitions_resolved:<petitions_received}件。",
            ),
            (
                "在册社区矫正对象{community_correction_persons:3-60}人，安置帮教对象{resettlement_persons:5-120}人。",
                "现有社区矫正对象{community_correction_persons:3-60}名、安置帮教人员{resettlement_persons:5-120}名，均落实日常管理措施。",
            ),
            (
                "划分网格{grids:15-160}个，配备网格员{grid_workers:20-220}名。",
                "全{own}共划分网格{grids:15-160}个，有网格员{grid_workers:20-220}人。",
            ),
            (
                "安装视频监控{surveillance_cameras:60-900}个。",
                "全{own}现有视频监控{surveillance_cameras:60-900}个，重点路段实现全覆盖。",
            ),
            ("坚持和发展新时代“枫桥经验”，推动人民调解、行政调解、司法调解衔接联动，做到小事不出村、大事不出{own}。",),
            ("对重点领域、重点时段开展滚动排查，建立台账、逐一销号，防止矛盾激化升级。",),
        ),
    ),
    (
        "深化普法宣传，营造法治氛围",
        (
            (
                "全年开展法治宣传活动{publicity_events:12-120}场次，发放宣传资料{publicity_materials:1000-30000}份，",
                "组织普法宣传活动{publicity_events:12-120}场，发放宣传资料{publicity_materials:1000-30000}份，",
            ),
            ("受教育群众{publicity_audience:800-20000}人次。", "惠及群众{publicity_audience:800-20000}人次。"),
            ("接受法律咨询{legal_consultations:60-900}人次。", "提供法律咨询服务{legal_consultations:60-900}人次。"),
            ("培育“法律明白人”{law_literate_persons:30-300}名。", "现有“法律明白人”{law_literate_persons:30-300}人。"),
            (
                "悬挂横幅{banners:20-150}条，播放音频{publicity_broadcasts:100-900}次。",
                "张贴海报{posters:50-500}张，推送信息{new_media_posts:40-400}条。",
            ),
            ("3月15日、6月26日和12月4日等重要节点，组织{-:6-20}个部门在集市设立咨询台，现场答疑解惑。",),
            ("利用村村响、微信群等载体推送法律知识，让群众听得懂、记得住、用得上。",),
            ("建成法治文化阵地{rol_culture_venues:1-20}处。", "建设法治文化广场{-:1-4}个，法治文化长廊{-:1-6}条。"),
        ),
    ),
    (
        "优化公共服务，推进政务公开",
        (
            (
                "政务服务中心全年办理各类事项{gov_service_items_handled:2000-30000}件，按时办结率{service_ontime_rate:%}。",
                "便民服务中心共办理政务服务事项{gov_service_items_handled:2000-30000}件，群众满意度{service_satisfaction_rate:%}。",
            ),
            (
                "办理12345热线工单{hotline_orders_received:100-2000}件，办结{hotline_orders_resolved:<hotline_orders_received}件。",
                "全年受理12345政务热线工单{hotline_orders_received:100-2000}件，办结{hotline_orders_resolved:<hotline_orders_received}件。",
            ),
            (
                "主动公开政府信息{info_disclosed_items:80-900}条。",
                "全年主动公开政务信息{info_disclosed_items:80-900}条，及时回应社会关切。",
            ),
            (
                "收到政府信息公开申请{disclosure_requests_received:1-12}件，均在法定期限内答复。",
                "未收到政府信息公开申请{=disclosure_requests_received=0}。",
            ),
            (
                "办理人大代表建议、政协提案{proposals_handled:2-20}件。",
                "承办人大建议和政协提案共{proposals_handled:2-20}件，全部按期答复。",
            ),
            (
                "走访企业{enterprise_visits:20-200}家次，协调解决企业诉求{enterprise_requests_resolved:5-60}个。",
                "组织干部走访企业{enterprise_visits:20-200}家次。",
            ),
            ("推行一窗受理、集成服务，编制办事指南，压缩办理时限，让群众少跑腿、数据多跑路。",),
        ),
    ),
)

LEADS = (
    "坚持问题导向，", "结合辖区实际，", "按照上级统一部署，", "聚焦群众急难愁盼，", "针对往年的薄弱环节，", "围绕中心工作，", "强化部门联动，",
    "立足本职，", "在充分调研的基础上，", "本着便民利民的原则，", "克服人手不足的困难，", "依托网格化管理，", "借助包村干部力量，", "经班子研究同意，",
    "对照年初目标，", "通过自查与互查相结合，", "着眼长远，", "从细节入手，", "以专项行动为契机，", "抓住关键时段，",
)  # fmt: skip
TAILS = (
    "，取得较好成效", "，得到群众认可", "，工作基础进一步夯实", "，为下步工作积累了经验", "，有关做法在全{own}推广", "，干部作风明显转变",
    "，各项制度逐步健全", "，责任落实到人", "，形成了闭环管理", "，较好地完成了既定任务", "，台账资料齐全", "，营造了良好氛围",
    "，有效回应了社会关切", "，未出现不良反映", "，基层负担有所减轻", "，效率稳步提高", "，后续工作正有序推进", "，辖区秩序持续向好",
)  # fmt: skip
"""What may stand before and after a statement without changing it, so that few sentences of two reports are the same."""

PROSE_STARTS = (
    "坚持党的领导，", "健全工作机制，", "注重干部队伍建设，", "依托新时代文明实践站，", "围绕土地流转、婚姻家庭等问题，", "落实行政执法责任制，",
    "主动接受各方面监督，", "加强与司法所、派出所、人民法庭的协作，", "推动力量下沉，", "完善应急预案，", "规范权力运行，", "发挥村规民约作用，",
    "优化法治化营商环境，", "关注老年人、未成年人、残疾人等群体，", "用好用活本地资源，", "坚持预防为主，", "做好政策解读，", "抓实日常管理，",
)  # fmt: skip
PROSE_MIDDLES = (
    "明确主要领导亲自抓、分管领导具体抓的责任分工，", "定期分析研判存在的困难和问题，", "把任务分解到各站所和各村（社区），", "引导干部带头尊法学法守法用法，",
    "组织志愿者深入田间地头、农家小院，", "用方言土语讲解与生产生活密切相关的知识，", "对苗头性、倾向性问题早发现早处置，", "简化办理手续并公开办事指南，",
    "对资金使用、工程建设等环节加强监督，", "听取不同意见并逐条研究吸纳，", "建立常态化联系和回访机制，", "将学习情况与年度考核挂钩，",
    "开展以案释法和典型案例通报，", "充分运用微信群、广播等载体，", "邀请法律顾问全程参与，", "对重点部位、重点人群逐一走访，",
)  # fmt: skip
PROSE_ENDS = (
    "确保各项工作始终沿着正确方向前进。", "不断增强群众的获得感、幸福感、安全感。", "防止选择性执法和逐利性执法。", "切实把矛盾化解在萌芽状态。",
    "推动基层治理水平稳步提升。", "保障人民群众生命财产安全。", "从源头上防范各类风险。", "让群众少跑腿、好办事。", "帮助经营主体安心发展。",
    "做到应援尽援、应调尽调。", "使法治观念更加深入人心。", "形成齐抓共管的工作局面。", "努力提高行政效能和公信力。", "促进乡风文明与社会和谐。",
    "以实际成效取信于民。", "为乡村振兴提供有力保障。",
)  # fmt: skip
"""Sentences without a figure, of which a report has several in every section, as real ones have."""

PARTS = (
    "其中，涉及土地权属{-:1-9}件、婚姻家庭{-:1-9}件、邻里纠纷{-:1-9}件。",
    "比上年增加{-:1-40}件，同比增长{-:1-30}%。",
    "上年同期为{-:20-90}件。",
    "{own}政府所在地的{-:1-3}个村率先试点。",
)
"""Figures beside the totals (parts, changes, last year's, higher places'): they must not be taken for totals."""

PROBLEMS = (
    "一是部分干部运用法治思维解决问题的能力还有差距；二是执法力量配备与承接事项不相适应；三是普法方式仍较单一，针对性不强。",
    "执法队伍专业化水平有待提高，个别村（社区）矛盾排查不够深入，法治宣传的覆盖面还需扩大。",
)

PLANS = (
    "{next}年，计划开展法治宣传活动{-:20-150}场次，力争矛盾纠纷化解率达到98%以上，新增法治文化阵地{-:1-5}处。",
    "{next}年，力争培训执法人员{-:20-90}人次，打造示范村{-:1-4}个，持续提升依法行政水平。",
)
