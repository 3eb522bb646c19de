"""The words besides CLDR names by which people know countries: codes, short names and names of peoples."""

# ISO 3166-1 alpha-3, as printed in passports (ICAO 9303-3 section 5).
ALPHA3 = (
    "AFG AF ALB AL DZA DZ ASM AS AND AD AGO AO AIA AI ATA AQ ATG AG ARG AR ARM AM ABW AW AUS AU AUT AT AZE AZ BHS BS "
    "BHR BH BGD BD BRB BB BLR BY BEL BE BLZ BZ BEN BJ BMU BM BTN BT BOL BO BES BQ BIH BA BWA BW BVT BV BRA BR IOT IO "
    "BRN BN BGR BG BFA BF BDI BI CPV CV KHM KH CMR CM CAN CA CYM KY CAF CF TCD TD CHL CL CHN CN CXR CX CCK CC COL CO "
    "COM KM COG CG COD CD COK CK CRI CR CIV CI HRV HR CUB CU CUW CW CYP CY CZE CZ DNK DK DJI DJ DMA DM DOM DO ECU EC "
    "EGY EG SLV SV GNQ GQ ERI ER EST EE SWZ SZ ETH ET FLK FK FRO FO FJI FJ FIN FI FRA FR GUF GF PYF PF ATF TF GAB GA "
    "GMB GM GEO GE DEU DE GHA GH GIB GI GRC GR GRL GL GRD GD GLP GP GUM GU GTM GT GGY GG GIN GN GNB GW GUY GY HTI HT "
    "HMD HM VAT VA HND HN HKG HK HUN HU ISL IS IND IN IDN ID IRN IR IRQ IQ IRL IE IMN IM ISR IL ITA IT JAM JM JPN JP "
    "JEY JE JOR JO KAZ KZ KEN KE KIR KI PRK KP KOR KR KWT KW KGZ KG LAO LA LVA LV LBN LB LSO LS LBR LR LBY LY LIE LI "
    "LTU LT LUX LU MAC MO MDG MG MWI MW MYS MY MDV MV MLI ML MLT MT MHL MH MTQ MQ MRT MR MUS MU MYT YT MEX MX FSM FM "
    "MDA MD MCO MC MNG MN MNE ME MSR MS MAR MA MOZ MZ MMR MM NAM NA NRU NR NPL NP NLD NL NCL NC NZL NZ NIC NI NER NE "
    "NGA NG NIU NU NFK NF MKD MK MNP MP NOR NO OMN OM PAK PK PLW PW PSE PS PAN PA PNG PG PRY PY PER PE PHL PH PCN PN "
    "POL PL PRT PT PRI PR QAT QA REU RE ROU RO RUS RU RWA RW BLM BL SHN SH KNA KN LCA LC MAF MF SPM PM VCT VC WSM WS "
    "SMR SM STP ST SAU SA SEN SN SRB RS SYC SC SLE SL SGP SG SXM SX SVK SK SVN SI SLB SB SOM SO ZAF ZA SGS GS SSD SS "
    "ESP ES LKA LK SDN SD SUR SR SJM SJ SWE SE CHE CH SYR SY TWN TW TJK TJ TZA TZ THA TH TLS TL TGO TG TKL TK TON TO "
    "TTO TT TUN TN TUR TR TKM TM TCA TC TUV TV UGA UG UKR UA ARE AE GBR GB USA US UMI UM URY UY UZB UZ VUT VU VEN VE "
    "VNM VN VGB VG VIR VI WLF WF ESH EH YEM YE ZMB ZM ZWE ZW ALA AX"
)

# Codes of machine readable zones that mean a country with an ISO code.
ICAO_SAME_COUNTRY: dict[str, str] = {
    "D": "DE",
    **dict.fromkeys(("GBD", "GBN", "GBO", "GBP", "GBS"), "GB"),
    **dict.fromkeys(("RKS", "XKX", "KOS"), "XK"),
}

# Codes of machine readable zones that stand for no country (ICAO 9303-3 section 5, parts B to D).
ICAO_SPECIAL: dict[str, str] = {
    "EUE": "European Union",
    "UNA": "United Nations specialized agency",
    "UNK": "United Nations Interim Administration Mission in Kosovo",
    "UNO": "United Nations Organization",
    "XBA": "African Development Bank",
    "XCC": "Caribbean Community",
    "XCO": "Common Market for Eastern and Southern Africa",
    "XEC": "Economic Community of West African States",
    "XIM": "African Export-Import Bank",
    "XOM": "Sovereign Military Order of Malta",
    "XPO": "INTERPOL",
    "XXA": "Stateless person",
    "XXB": "Refugee (1951 Convention)",
    "XXC": "Refugee (other)",
    "XXX": "Unspecified nationality",
}

# Territories of CLDR that are no place of origin.
NOT_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))

# Codes that are also words; in small letters they are asked about.
_WORDS = (
    "in is no so my it at be by to do me am as la et ma ne se il va al can are and per nor ago guy ton ben mac "
    "jam cod "
    "pan sur nam bra mar mus tun"
)
CODES_LIKE_WORDS = frozenset(_WORDS.split())

# Short and former names, spelled freely; several codes where the name alone does not decide.
ALIASES: dict[str, str] = {
    "US": "usa|u s a|u s|america|united states of america|the states|états unis d'amérique|vereinigte staaten von "
    "amerika|"
    "amerika|amérique|америка|соединенные штаты|アメリカ|米国|อเมริกา|สหรัฐ|अमेरिका|यूएसए|अमरीका|អាមេរិក|hoa kỳ|"
    "mỹ|美國|미합중국|"
    "сша|united state|unites states",
    "GB": "anh|uk|u k|great britain|britain|england|scotland|wales|northern ireland|united kingdom of great britain|"
    "angleterre|"
    "grande bretagne|écosse|pays de galles|england|großbritannien|schottland|англия|великобритания|шотландия|"
    "britannien|"
    "英国|英國|イングランド|영국|잉글랜드|อังกฤษ|บริเตน|anh quốc|nước anh|xứ wales|इंग्लैंड|ब्रिटेन|អង់គ្លេស",
    "NL": "holland|nederland|the netherlands|hollande|голландия|오란다|네덜란드|荷兰|荷蘭|オランダ|ฮอลแลนด์|hà lan|हॉलैंड",
    "KR": "hàn|south korea|republic of korea|rok|corée du sud|südkorea|южная корея|республика корея|hàn quốc|nam hàn|"
    "đại hàn|韩国|韓國|韓国|南韩|南韓|한국|대한민국|남한|เกาหลีใต้|កូរ៉េខាងត្បូង|दक्षिण कोरिया|s korea",
    "KP": "north korea|dprk|democratic people's republic of korea|corée du nord|nordkorea|северная корея|кндр|"
    "triều tiên|"
    "bắc triều tiên|朝鲜|北朝鲜|北韓|北朝鮮|북한|조선|เกาหลีเหนือ|उत्तर कोरिया|n korea",
    "KR KP": "korea|corée|coree|корея|เกาหลี|कोरिया|កូរ៉េ|코리아|コリア",
    "CN": "prc|people's republic of china|mainland china|chine|中国|中國|中华人民共和国|中国大陆|中國大陸|trung "
    "quốc|trung hoa|"
    "кнр|중국|volksrepublik china|จีนแผ่นดินใหญ่",
    "HK": "hong kong|hong kong sar|hongkong|hksar|hồng kông|香港|홍콩|ホンコン|гонконг|ฮ่องกง|हांगकांग|हाँग काँग|ហុងកុង",
    "MO": "macau|macao|ma cao|澳门|澳門|マカオ|마카오|макао|аомынь|มาเก๊า|मकाऊ|ម៉ាកាវ",
    "TW": "taiwan|taiwan china|taiwan roc|chinese taipei|republic of china|đài loan|台湾|臺灣|台灣|中華民國|"
    "타이완|대만|тайвань|ไต้หวัน",
    "MM": "burma|myanmar|birmanie|birma|бирма|miến điện|缅甸|緬甸|ビルマ|버마|พม่า|बर्मा|ភូមា",
    "CI": "ivory coast|cote divoire|elfenbeinküste|кот д ивуар|bờ biển ngà",
    "TR": "turkey|türkiye|turkiye|turquie|türkei|turkei|турция|thổ nhĩ kỳ",
    "CZ": "czech republic|česko|česká republika|czechia|czech|république tchèque|tschechische republik|tschechei|"
    "чешская республика|séc|"
    "tiệp khắc",
    "VN": "vietnam|viet nam|việt nam|socialist republic of vietnam|越南|ベトナム|베트남|월남|вьетнам|เวียดนาม|"
    "वियतनाम|វៀតណាម|viêt nam",
    "CD CG": "congo|the congo|kongo|конго|công gô|刚果|剛果|コンゴ|콩고|คองโก|कांगो",
    "CD": "drc|dr congo|democratic republic of the congo|democratic republic of congo|zaire|congo kinshasa|rd "
    "congo|rdc|"
    "république démocratique du congo|демократическая республика конго",
    "CG": "republic of the congo|republic of congo|congo brazzaville",
    "AE": "uae|u a e|emirates|the emirates|dubai|abu dhabi|émirats|emirats|emirate|оаэ|эмираты|阿联酋|阿聯酋|ยูเออี|यूएई",
    "RU": "russia|russian federation|российская федерация|рф|nga|liên bang nga|russische föderation",
    "LA": "laos|lao|lao pdr|lao people's democratic republic|ai lao|라오스|寮国|寮國|老挝|ลาว",
    "KH": "cambodia|kampuchea|campuchia|cam pu chia|campuchea|cao miên|柬埔寨|កម្ពុជា|ស្រុកខ្មែរ|캄보디아|カンボジア",
    "PS": "palestine|state of palestine|gaza|west bank|палестина|palästina|palestina|巴勒斯坦|パレスチナ|팔레스타인",
    "VA": "vatican|holy see|the vatican|ватикан|vatikan",
    "BO": "bolivia|plurinational state of bolivia",
    "VE": "venezuela|bolivarian republic of venezuela",
    "IR": "iran|islamic republic of iran|persia",
    "SY": "syria|syrian arab republic",
    "TZ": "tanzania|united republic of tanzania|zanzibar",
    "MD": "moldova|republic of moldova|молдавия|moldavie|moldawien",
    "MK": "macedonia|north macedonia|fyrom|македония|mazedonien|macédoine",
    "BY": "belarus|byelorussia|белоруссия|беларусь|weißrussland|biélorussie",
    "SZ": "swaziland|eswatini|свазиленд",
    "CV": "cape verde|cabo verde",
    "TL": "east timor|timor|timor leste|đông timor",
    "FM": "micronesia|federated states of micronesia",
    "BN": "brunei|brunei darussalam",
    "IE": "ireland|republic of ireland|eire|éire",
    "XK": "kosovo",
    "SX MF": "saint martin|sint maarten|st maarten|st martin",
    "VG VI": "virgin islands",
    "DO DM": "dominican|dominicana",
    "WS AS": "samoan",
    "AU": "australia|úc|châu úc|nước úc|australien|aussie|oz|澳洲|澳大利亚|호주|オーストラリア",
    "NZ": "new zealand|aotearoa|niu di lân|tân tây lan|neuseeland|纽西兰|紐西蘭|kiwi",
    "PL": "poland|ba lan|polska",
    "BR": "brasil",
    "HU": "magyarország|magyar",
    "HR": "hrvatska",
    "RS": "srbija",
    "RO": "românia",
    "IS": "ísland",
    "EE": "eesti",
    "LV": "latvija",
    "LT": "lietuva",
    "SK": "slovensko",
    "SI": "slovenija",
    "AL": "shqipëria",
    "UZ": "o'zbekiston|ўзбекистон",
    "DE": "germany|bundesrepublik deutschland|federal republic of germany|brd|đức|ddr|allemagne",
    "FR": "france|pháp|metropolitan france|frankreich",
    "IT": "italy|ý|ý đại lợi|italia",
    "ES": "spain|tây ban nha|españa",
    "PT": "portugal|bồ đào nha",
    "JP": "japan|nippon|nihon|日本|nhật|nhật bản|にほん|にっぽん|일본",
    "IN": "india|bharat|hindustan|ấn độ|भारत|हिंदुस्तान|हिन्दुस्तान|इंडिया|인도",
    "TH": "thailand|siam|thái lan|thái|ไทย|ประเทศไทย|เมืองไทย|태국|泰国|泰國",
    "PH": "philippines|pilipinas|phi luật tân|the phillipines|phillipines|philipines",
    "SG": "singapore|tân gia ba|xinh ga po|新加坡|싱가포르|싱가폴",
    "MY": "malaysia|mã lai|马来西亚|馬來西亞|말레이시아",
    "ID": "indonesia|nam dương|in đô nê xi a|인도네시아",
    "SE": "sweden|sverige|thụy điển|schweden",
    "CH": "switzerland|thụy sĩ|schweiz|suisse|svizzera|스위스",
    "AT": "austria|áo|österreich",
    "DK": "denmark|danmark|đan mạch",
    "NO": "norway|norge|na uy",
    "FI": "finland|suomi|phần lan",
    "BE": "belgium|belgië|bỉ",
    "GR": "greece|ελλάδα|hy lạp|hellas",
    "EG": "egypt|ai cập",
    "ZA": "south africa|nam phi|rsa",
    "MN": "mongolia|mông cổ",
    "UA": "ukraine|україна|the ukraine|u crai na",
    "KZ": "kazakhstan|қазақстан|казахстан|kasachstan",
    "KG": "kyrgyzstan|киргизия|кыргызстан|kirghizistan|kirgistan",
    "SA": "saudi|saudi arabia|ksa|ả rập xê út|ả rập saudi",
    "BA": "bosnia|herzegovina|босния|bosnie|bosnien",
    "TT": "trinidad|tobago",
    "AG": "antigua",
    "KN": "st kitts|saint kitts",
    "VC": "st vincent|saint vincent",
    "ST": "sao tome",
    "PG": "papua|png",
    "GM": "gambia|the gambia",
    "BS": "bahamas|the bahamas",
    "CF": "central africa|car",
    "XXA": "stateless|no nationality|apatride|staatenlos|без гражданства|лицо без гражданства|không quốc tịch|"
    "无国籍|無國籍|無国籍|"
    "무국적|ไร้สัญชาติ|គ្មានសញ្ជាតិ|राज्यविहीन",
    "XXB": "refugee|convention refugee",
    "UNO": "united nations|un laissez passer",
    "EUE": "european union|eu laissez passer",
    "XOM": "order of malta|sovereign order of malta",
}

# What the people of a country are called in English.
DEMONYMS = (
    "AF afghan|afghani AL albanian DZ algerian AS american-samoan AD andorran AO angolan AI anguillan AG antiguan "
    "AR argentine|argentinian|argentinean AM armenian AW aruban AU australian AT austrian AZ azerbaijani|azeri "
    "BS bahamian BH bahraini BD bangladeshi|bengali BB barbadian|bajan BY belarusian|byelorussian BE belgian BZ "
    "belizean "
    "BJ beninese BM bermudian BT bhutanese BO bolivian BA bosnian BW botswanan|motswana|batswana BR brazilian "
    "GB british|briton|brit|english|englishman|scottish|scot|welsh|northern-irish BN bruneian BG bulgarian "
    "BF burkinabe|burkinese BI burundian KH cambodian|khmer CM cameroonian CA canadian CV cape-verdean KY caymanian "
    "CF central-african TD chadian CL chilean CN chinese CO colombian KM comoran|comorian CD,CG congolese CK "
    "cook-islander "
    "CR costa-rican HR croatian|croat CU cuban CY cypriot CZ czech DK danish|dane DJ djiboutian DM dominican DO "
    "dominican "
    "NL dutch|dutchman|hollander|netherlander EC ecuadorian|ecuadorean EG egyptian SV salvadoran|salvadorian AE "
    "emirati "
    "GQ equatorial-guinean ER eritrean EE estonian SZ swazi ET ethiopian FO faroese FJ fijian FI finnish|finn "
    "FR french|frenchman|frenchwoman PF polynesian|tahitian GA gabonese GM gambian GE georgian DE german GH ghanaian "
    "GI gibraltarian GR greek GL greenlandic|greenlander GD grenadian GU guamanian GT guatemalan GN guinean "
    "GW bissau-guinean GY guyanese HT haitian HN honduran HK hong-konger|hongkonger HU hungarian IS icelandic|"
    "icelander "
    "KI i-kiribati IN indian ID indonesian IR iranian|persian IQ iraqi IE irish|irishman IL israeli IT italian CI "
    "ivorian "
    "JM jamaican JP japanese JO jordanian KZ kazakh|kazakhstani KE kenyan KR,KP korean KR south-korean KP "
    "north-korean "
    "XK kosovar|kosovan KW kuwaiti KG kyrgyz|kirghiz LA laotian|lao LV latvian LB lebanese LS basotho|mosotho LR "
    "liberian "
    "LY libyan LI liechtensteiner LT lithuanian LU luxembourger|luxembourgish MO macanese MK macedonian MG malagasy "
    "MW malawian MY malaysian|malay MV maldivian ML malian MT maltese MH marshallese MR mauritanian MU mauritian "
    "MX mexican "
    "FM micronesian MD moldovan MC monegasque|monacan MN mongolian|mongol ME montenegrin MA moroccan MZ mozambican "
    "MM burmese|myanmarese NA namibian NR nauruan NP nepali|nepalese NC new-caledonian NZ new-zealander|kiwi "
    "NI nicaraguan NE nigerien NG nigerian NU niuean NO norwegian OM omani PK pakistani PW palauan PS palestinian "
    "PA panamanian PG papuan|papua-new-guinean PY paraguayan PE peruvian PH filipino|filipina|philippine|pinoy PL "
    "polish|pole "
    "PT portuguese PR puerto-rican QA qatari RO romanian RU russian RW rwandan|rwandese KN kittitian LC saint-lucian "
    "VC vincentian WS samoan SM sammarinese ST sao-tomean SA saudi|saudi-arabian SN senegalese RS serbian|serb "
    "SC seychellois SL sierra-leonean SG singaporean SK slovak|slovakian SI slovenian|slovene SB solomon-islander "
    "SO somali "
    "ZA south-african SS south-sudanese ES spanish|spaniard LK sri-lankan|ceylonese SD sudanese SR surinamese SE "
    "swedish|swede "
    "CH swiss SY syrian TW taiwanese TJ tajik|tajikistani TZ tanzanian TH thai TL timorese TG togolese TO tongan "
    "TT trinidadian|tobagonian TN tunisian TR turkish|turk TM turkmen TV tuvaluan UG ugandan UA ukrainian UY "
    "uruguayan "
    "US american UZ uzbek|uzbekistani VU vanuatuan|ni-vanuatu VE venezuelan VN vietnamese YE yemeni ZM zambian ZW "
    "zimbabwean"
)

# The same in languages where the people cannot be told from the name of the country, masculine and feminine.
MORE_DEMONYMS = (
    # French
    "FR français|française DE allemand|allemande GB britannique|anglais|anglaise|écossais|écossaise|gallois|galloise "
    "US américain|américaine|etats-unien CA canadien|canadienne BE belge CH suisse|suissesse IT italien|italienne "
    "ES espagnol|espagnole PT portugais|portugaise NL néerlandais|néerlandaise|hollandais|hollandaise RU russe "
    "CN chinois|chinoise JP japonais|japonaise KR,KP coréen|coréenne KR sud-coréen|sud-coréenne VN vietnamien|"
    "vietnamienne "
    "KH cambodgien|cambodgienne LA laotien|laotienne TH thaïlandais|thaïlandaise IN indien|indienne AU australien|"
    "australienne "
    "NZ néo-zélandais|néo-zélandaise DZ algérien|algérienne MA marocain|marocaine TN tunisien|tunisienne SN "
    "sénégalais|sénégalaise "
    "CI ivoirien|ivoirienne CM camerounais|camerounaise PL polonais|polonaise UA ukrainien|ukrainienne BR "
    "brésilien|brésilienne "
    "MX mexicain|mexicaine AR argentin|argentine TR turc|turque GR grec|grecque SE suédois|suédoise NO norvégien|"
    "norvégienne "
    "DK danois|danoise FI finlandais|finlandaise IE irlandais|irlandaise AT autrichien|autrichienne LU luxembourgeois|"
    "luxembourgeoise MG malgache LB libanais|libanaise EG égyptien|égyptienne IL israélien|israélienne RO roumain|"
    "roumaine "
    "CZ tchèque HU hongrois|hongroise PH philippin|philippine SG singapourien|singapourienne MY malaisien|malaisienne "
    "ID indonésien|indonésienne TW taïwanais|taïwanaise CD,CG congolais|congolaise HT haïtien|haïtienne "
    # German
    "DE deutsch|deutscher|deutsche|deutschland AT österreicher|österreicherin|österreichisch CH schweizer|"
    "schweizerin|schweizerisch "
    "FR franzose|französin|französisch GB brite|britin|britisch|engländer|engländerin|englisch|schotte|schottin "
    "US amerikaner|amerikanerin|amerikanisch|us-amerikaner CA kanadier|kanadierin NL niederländer|niederländerin|"
    "holländer "
    "BE belgier|belgierin IT italiener|italienerin|italienisch ES spanier|spanierin|spanisch PT portugiese|"
    "portugiesin "
    "PL pole|polin|polnisch RU russe|russin|russisch UA ukrainer|ukrainerin TR türke|türkin|türkisch CZ tscheche|"
    "tschechin "
    "CN chinese|chinesin|chinesisch JP japaner|japanerin|japanisch KR,KP koreaner|koreanerin KR südkoreaner|"
    "südkoreanerin "
    "VN vietnamese|vietnamesin|vietnamesisch TH thailänder|thailänderin IN inder|inderin AU australier|australierin "
    "NZ neuseeländer|neuseeländerin SE schwede|schwedin NO norweger|norwegerin DK däne|dänin FI finne|finnin IE "
    "ire|irin "
    "GR grieche|griechin HU ungar|ungarin RO rumäne|rumänin BG bulgare|bulgarin RS serbe|serbin HR kroate|kroatin "
    "LU luxemburger|luxemburgerin BR brasilianer|brasilianerin MX mexikaner|mexikanerin IL israeli "
    # Russian
    "RU русский|русская|россиянин|россиянка|российский|российское UA украинец|украинка BY белорус|белоруска KZ "
    "казах|казашка|"
    "казахстанец|казахстанка UZ узбек|узбечка KG киргиз|киргизка|кыргыз TJ таджик|таджичка TM туркмен|туркменка "
    "AM армянин|армянка "
    "AZ азербайджанец|азербайджанка GE грузин|грузинка MD молдаванин|молдаванка DE немец|немка FR француз|француженка "
    "GB англичанин|англичанка|британец|британка US американец|американка CA канадец|канадка IT итальянец|"
    "итальянка ES испанец|испанка "
    "PL поляк|полька CN китаец|китаянка JP японец|японка KR,KP кореец|кореянка VN вьетнамец|вьетнамка TH таец|"
    "тайка IN индиец|индианка "
    "IL израильтянин|израильтянка TR турок|турчанка LV латыш|латышка LT литовец|литовка EE эстонец|эстонка AU "
    "австралиец|австралийка "
    "NL голландец|голландка FI финн|финка SE швед|шведка MN монгол|монголка RS серб|сербка BG болгарин|болгарка "
    "CZ чех|чешка "
    # Hindi, Thai, Khmer, Vietnamese
    "IN भारतीय|हिंदुस्तानी NP नेपाली PK पाकिस्तानी BD बांग्लादेशी US अमेरिकी|अमरीकी GB ब्रिटिश|अंग्रेज़ CN चीनी JP "
    "जापानी RU रूसी FR फ़्रांसीसी DE जर्मन "
    "LK श्रीलंकाई VN वियतनामी TH थाई AU ऑस्ट्रेलियाई CA कनाडाई KH ខ្មែរ|កម្ពុជា LA លាវ TH ថៃ|សៀម CN ចិន VN វៀតណាម|យួន"
)

# What people write around the name of their country: taken away when the whole is no name.
BEFORE = (
    "i am a|i am an|i am from|i am|im from|im a|im an|im|from|citizen of|national of|nationality|passport of|"
    "country|the|"
    "je suis|je viens de|de la|de|du|des|les|la|le|citoyen|nationalité|ich bin aus|ich bin|ich komme aus|aus|die|der|"
    "я из|я|из|гражданин|гражданка|гражданство|tôi là người|tôi là|tôi đến từ|đến từ|người|nước|quốc tịch|dân|"
    "คน|ชาว|ประเทศ|สัญชาติ|มาจาก|ชนชาติ|我是|来自|來自|我来自|我來自|国籍|國籍|私は|국적|나는|저는|ជនជាតិ|ប្រទេស|"
    "សញ្ជាតិ|"
    "ខ្ញុំជាជនជាតិ|ខ្ញុំមកពី|मैं|citizenship"
)
AFTER = (
    "citizen|citizens|national|nationality|passport|people|person|人|国籍|國籍|人です|です|出身|の|"
    "사람|인|국적|국민|사람입니다|人民|公民|से|से हूँ|का नागरिक|हूँ|नागरिक|जन"
)
