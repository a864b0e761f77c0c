#include "cotejo/intake/role_words.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <vector>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

struct Entry {
  Role role;
  const char* language;
  const char*
      words;  // phrases separated by "|"; a phrase of up to three letters must be a whole word, a longer one may go on
  const char* level = "";
};

// The longest phrase that a header has decides. English, Spanish, Portuguese, French, German, Polish, Russian,
// Ukrainian, Turkish, Indonesian, Arabic.
constexpr Entry table[] = {
    {Role::registered, "English",
     "registered|registered voters|reg voters|electorate|enrolled|eligible voters|number of electors|electors|voters "
     "on "
     "the list|total registered|registration|on roll|roll|eligible|listed|active voters|voters listed"},
    {Role::registered, "Spanish",
     "inscritos|inscriptos|habilitados|empadronados|padron|electores|lista nominal|hab|censo electoral|electores "
     "habiles|"
     "elec habil|electores habil|n elec|censo|listado nominal|votantes registrados|votantes habilitados"},
    {Role::registered, "Portuguese", "eleitores|aptos|inscritos|eleitorado|eleitores inscritos"},
    {Role::registered, "French", "inscrits|electeurs inscrits|electeurs"},
    {Role::registered, "German", "wahlberechtigte|berechtigt|stimmberechtigte|wahlberechtigt"},
    {Role::registered, "Italian", "elettori|iscritti|aventi diritto"},
    {Role::registered, "Dutch", "kiesgerechtigden|opgeroepen kiezers|opgeroepenen|kiezers"},
    {Role::registered, "Scandinavian", "rostberattigade|rostberettigede|stemmeberettigede|manntall"},
    {Role::registered, "Czech", "volicu v seznamu|zapsanych volicu|opravnenych volicu|volici v seznamu"},
    {Role::registered, "Romanian", "alegatori inscrisi|alegatori pe lista|inscrisi|numar total de alegatori"},
    {Role::registered, "South Slavic", "upisanih|upisani|biraca upisanih|broj biraca|upisani biraci|registrovanih"},
    {Role::registered, "Hungarian", "valasztopolgarok szama|nevjegyzek"},
    {Role::registered, "Greek", "εγγεγραμμενοι|εγγεγραμμενων"},
    {Role::registered, "Georgian", "ამომრჩეველთა რაოდენობა|ერთიან სიაში ამომრჩეველთა რაოდენობა"},
    {Role::registered, "English", "possible voters|number of voters|total voters"},
    {Role::registered, "Polish", "liczba wyborcow uprawnionych|uprawnionych do glosowania|wyborcy uprawnieni"},
    {Role::registered, "Russian", "число избирателей внесенных|число избирателей включенных|избирателей в списк"},
    {Role::registered, "Ukrainian", "кількість виборців внесених|кількість виборців у списк"},
    {Role::registered, "Turkish",
     "kayitli secmen|secmen sayisi|yazili secmen|secmen listesinde yazili|kayitli secmen sayisi"},
    {Role::registered, "Indonesian", "pemilih terdaftar|dpt"},
    {Role::registered, "Arabic", "المسجلين|المسجلون|عدد الناخبين"},
    {Role::cast, "English",
     "ballots cast|votes cast|total votes|total ballots|turnout|voted|total cast|ballots counted|total "
     "vote|ballots|polled|"
     "total polled|participated|participants|voters participated|times cast|cast votes|cards cast|voters voted|total "
     "votes cast|total ballots cast|cast"},
    {Role::cast, "Spanish",
     "emitidos|total de votos emitidos|voto emitido|votos emitidos|votantes|total "
     "votos|participaron|sufragantes|ciudadanos que "
     "votaron|votacion total|votacion|ciudadanos votaron|votos totales|cvas|sufragaron"},
    {Role::cast, "Portuguese", "votantes|comparecimento|comparecimiento|total de votos|votos totais"},
    {Role::cast, "French", "votants|total des votes|votants total"},
    {Role::cast, "German", "wahler|wahlende|abgegebene stimmen|wahler innen|waehler|abgegebene|wahlbeteiligte"},
    {Role::cast, "Italian", "votanti"},
    {Role::cast, "Dutch", "uitgebrachte stemmen|opkomst|totaal uitgebracht|toegelaten kiezers"},
    {Role::cast, "Scandinavian", "avgivna roster|afgivne stemmer|avgitte stemmer|rostande"},
    {Role::cast, "Czech", "odevzdane obalky|vydane obalky|odevzdanych obalek"},
    {Role::cast, "Romanian", "alegatori prezenti|prezenti la urne|alegatori care s au prezentat"},
    {Role::cast, "South Slavic", "glasalo|izaslih|izaslo|glasovalo|biraca koji su glasali"},
    {Role::cast, "Hungarian", "megjelent|szavazokent megjelentek"},
    {Role::cast, "Greek", "ψηφισαντες|ψηφισαν"},
    {Role::cast, "Georgian", "მონაწილეობა|მონაწილეთა რაოდენობა|არჩევნებში მონაწილეთა რაოდენობა"},
    {Role::cast, "Polish", "liczba kart waznych|oddano glosow|wydano glosow"},
    {Role::cast, "Russian", "число избирателей принявших участие|проголосовавших всего"},
    {Role::cast, "Ukrainian", "взяли участь|кількість виборців які взяли участь"},
    {Role::cast, "Turkish", "oy kullanan|kullanilan oy|oy kullanan secmen|oy kullanan secmen sayisi"},
    {Role::cast, "Arabic", "المقترعين|المصوتين|عدد المقترعين"},
    {Role::valid, "English",
     "valid|valid votes|valid ballots|votes valid|total valid|formal|formal votes|total valid votes"},
    {Role::valid, "Spanish",
     "validos|votos validos|total de votos validos|vv|total validos|votvalidos|validamente emitidos|votos afirmativos"},
    {Role::valid, "Portuguese", "votos validos|validos"},
    {Role::valid, "French", "exprimes|suffrages exprimes|votes valables|suffrages valablement exprimes|valables"},
    {Role::valid, "German", "gultige|gueltige|gultige stimmen"},
    {Role::valid, "Italian", "voti validi|validi|valide"},
    {Role::valid, "Dutch", "geldige|geldige stemmen|geldige stembiljetten"},
    {Role::valid, "Scandinavian", "giltiga|gyldige|godkjente"},
    {Role::valid, "Czech", "platne hlasy|platnych hlasu"},
    {Role::valid, "Romanian", "voturi valabil exprimate|valabil exprimate"},
    {Role::valid, "South Slavic", "vazecih|vazeci|vazeci listici|veljavnih"},
    {Role::valid, "Hungarian", "ervenyes"},
    {Role::valid, "Greek", "εγκυρα"},
    {Role::valid, "Georgian", "ნამდვილი"},
    {Role::valid, "Polish", "liczba glosow waznych|glosy wazne"},
    {Role::valid, "Russian", "действительных|число действительных"},
    {Role::valid, "Ukrainian", "дійсних"},
    {Role::valid, "Turkish", "gecerli"},
    {Role::valid, "Indonesian", "suara sah"},
    {Role::valid, "Arabic", "الصحيحة|صحيحة"},
    {Role::blank, "English", "blank|blanks|blank votes|blank ballots|blank papers"},
    {Role::blank, "Spanish",
     "total de votos en blanco|blancos|en blanco|votos blancos|bl|blanco|vb|votos en blanco|blanca|blancas"},
    {Role::blank, "Portuguese", "brancos|em branco|votos brancos|branco"},
    {Role::blank, "French", "blancs|bulletins blancs|votes blancs|blanc"},
    {Role::blank, "German", "leere|leere stimmzettel|leer"},
    {Role::blank, "Italian", "bianche|schede bianche"},
    {Role::blank, "Dutch", "blanco|blanco stemmen|blanco stembiljetten"},
    {Role::blank, "Scandinavian", "blanka|blanke|blanka roster"},
    {Role::blank, "Greek", "λευκα"},
    {Role::null, "English",
     "invalid|rejected|spoilt|spoiled|null|invalid votes|rejected votes|void|not valid|informal|informal "
     "votes|informal party votes|informal candidate votes|informals|spoiled "
     "ballots|invalid ballots|nulled"},
    {Role::over, "English", "over votes|overvotes|over|overvote|over vote|overvoted"},
    {Role::under, "English", "under votes|undervotes|under|undervote|under vote|undervoted|residual votes"},
    {Role::abstention, "English", "abstentions|abstained|did not vote|not voted|non voters|abstention"},
    {Role::abstention, "Spanish", "abstencion|abstenciones|ausentismo|ausentes|abstenidos"},
    {Role::abstention, "Portuguese", "abstencao|abstencoes"},
    {Role::abstention, "French", "abstentions|abs|abstention"},
    {Role::abstention, "Italian", "astenuti|astensioni"},
    {Role::abstention, "German", "nichtwahler|nichtwaehler|enthaltungen"},
    {Role::null, "Spanish",
     "total de votos nulos|nulos|votos nulos|nu|impugnados|no validos|viciados|vn|vi|recurridos|anulados|votos "
     "impugnados"},
    {Role::null, "Portuguese", "nulos|votos nulos|nulo"},
    {Role::null, "French", "nuls|bulletins nuls|blancs et nuls|votes nuls|nul"},
    {Role::null, "German", "ungultige|ungueltige|ungultige stimmen"},
    {Role::null, "Italian",
     "nulle|schede nulle|voti nulli|nulli|non valide|voti contestati|schede contestate|contestate"},
    {Role::null, "Dutch", "ongeldige|ongeldige stemmen|ongeldige stembiljetten"},
    {Role::null, "Scandinavian", "ogiltiga|ugyldige|forkastede"},
    {Role::null, "Romanian", "voturi nule|nule"},
    {Role::null, "South Slavic", "nevazecih|nevazeci|nevazeci listici|neveljavnih"},
    {Role::null, "Hungarian", "ervenytelen"},
    {Role::null, "Greek", "ακυρα"},
    {Role::null, "Georgian", "ბათილი"},
    {Role::null, "Polish", "liczba glosow niewaznych|glosy niewazne"},
    {Role::null, "Russian", "недействительных|число недействительных"},
    {Role::null, "Ukrainian", "недійсних"},
    {Role::null, "Turkish", "gecersiz"},
    {Role::null, "Indonesian", "suara tidak sah|tidak sah"},
    {Role::null, "Arabic", "الباطلة|باطلة|الملغاة"},
    {Role::papers, "English",
     "tendered|tendered voter|votes by 1|votes by 2|votes by 8|votes by 9|ballots issued|ballots "
     "received|unused|papers issued|papers received|ballot papers|disputed|envelopes|in the box"},
    {Role::mode, "English",
     "early|early voting|early votes|election day|election day votes|absentee|absentee by mail|absentee by mail votes|"
     "advance|advanced|advance voting|mail|mail in|by mail|postal|postal votes|provisional|in person|machine|day|"
     "absentee votes|advanced votes|mail votes|provisional votes|polls|poll|federal|affidavit|paper|electronic|"
     "online|proxy|special|hand|emergency|curbside|one stop"},
    {Role::mode, "German", "urnenwahl|briefwahl|urne|brief"},
    {Role::mode, "French", "correspondance|procuration"},
    {Role::mode, "Spanish", "anticipado|correo|presencial|voto anticipado"},
    {Role::mode, "Portuguese", "correio|antecipado|voto antecipado|correspondencia"},
    {Role::papers, "Georgian", "აქტივობა|აქტივობა 12 საათი|აქტივობა 17 საათი|სპეციალურ სიაში ამომრჩეველთა რაოდენობა"},
    {Role::papers, "Spanish", "papeletas|sobrantes|boletas|boletas sobrantes|boletas recibidas"},
    {Role::papers, "French", "bulletins trouves|enveloppes|procurations"},
    {Role::papers, "Polish",
     "kart do glosowania|kopert|kart niewaznych|kart wyjetych|pelnomocnika|zaswiadczenia|pakiety|w tym z powodu|w tym "
     "liczba"},
    {Role::papers, "Russian",
     "число избирательных бюллетеней|бюллетеней полученных|бюллетеней "
     "выданных|погашенных|утраченных|переносных|стационарных|открепительн|не учтенных"},
    {Role::papers, "Ukrainian", "бюлетен|погашених"},
    {Role::unit, "English",
     "polling station|station|polling unit|precinct number|table number|unit|booth|polling place|ballot "
     "box|box|ps|precinct id|polling division"},
    {Role::unit, "Spanish", "mesa|numero mesa|acta|codigo mesa|casilla|nombre mesa|seccion|junta|centro|cod centro"},
    {Role::unit, "Portuguese", "secao|urna"},
    {Role::unit, "French", "bureau|bureau de vote|code bv|bv"},
    {Role::unit, "German", "wahlbezirk|stimmbezirk|wahllokal"},
    {Role::unit, "Italian", "sezione"},
    {Role::unit, "Dutch", "stembureau|stembureaunummer"},
    {Role::unit, "Scandinavian", "valdistrikt|stemmested|krets|valgsted"},
    {Role::unit, "Czech", "okrsek"},
    {Role::unit, "Romanian", "sectie|nr sectie|sectie de votare"},
    {Role::unit, "South Slavic", "biracko mesto|biracko mjesto|birackog mesta"},
    {Role::unit, "Hungarian", "szavazokor"},
    {Role::unit, "Polish", "numer obwodu|nr obwodu|obwod"},
    {Role::unit, "Russian", "уик|uik|номер уик|избирательный участок"},
    {Role::unit, "Ukrainian", "двк|дільниця"},
    {Role::unit, "Turkish", "sandik|sandik no"},
    {Role::unit, "Indonesian", "tps"},
    {Role::unit, "Georgian", "უბანი|უბნის ნომერი"},
    {Role::unit, "Arabic", "مركز الاقتراع|رقم المكتب|مكتب"},
    {Role::place, "English", "country", "country"},
    {Role::place, "Spanish", "pais|nombre pais", "country"},
    {Role::place, "English", "region|state", "region"},
    {Role::place, "Spanish", "departamento|dep|nombre departamento|nomdep", "department"},
    {Role::place, "Spanish", "estado|entidad", "state"},
    {Role::place, "French", "departement", "department"},
    {Role::place, "English", "province", "province"},
    {Role::place, "Spanish", "provincia|prov|nombre provincia|nomprov", "province"},
    {Role::place, "Polish", "wojewodztwo", "province"},
    {Role::place, "English", "district", "district"},
    {Role::place, "Spanish", "distrito|nomdist", "district"},
    {Role::place, "German", "kreis|landkreis", "district"},
    {Role::place, "English", "county", "county"},
    {Role::place, "Polish", "powiat", "county"},
    {Role::place, "English", "constituency", "constituency"},
    {Role::place, "French", "circonscription", "constituency"},
    {Role::place, "German", "wahlkreis", "constituency"},
    {Role::place, "English", "sub county|subcounty", "subcounty"},
    {Role::place, "English", "municipality|city|town|borough", "municipality"},
    {Role::place, "Spanish", "municipio|mun|nombre municipio|nombremunicipio|comuna|canton", "municipality"},
    {Role::place, "Portuguese", "municipio|concelho", "municipality"},
    {Role::place, "French", "commune|libelle de la commune", "commune"},
    {Role::place, "Polish", "gmina", "commune"},
    {Role::place, "German", "gemeinde|ort", "commune"},
    {Role::place, "Italian", "comune", "commune"},
    {Role::place, "Italian", "provincia", "province"},
    {Role::place, "Italian", "regione", "region"},
    {Role::place, "Dutch", "gemeente", "commune"},
    {Role::place, "Scandinavian", "kommun|kommune", "commune"},
    {Role::place, "Scandinavian", "lan|fylke", "county"},
    {Role::place, "Czech", "obec", "commune"},
    {Role::place, "Czech", "okres", "district"},
    {Role::place, "Czech", "kraj", "region"},
    {Role::place, "Romanian", "judet", "county"},
    {Role::place, "Romanian", "uat|localitate", "locality"},
    {Role::place, "South Slavic", "opstina|opcina|grad", "municipality"},
    {Role::place, "Hungarian", "megye", "county"},
    {Role::place, "Hungarian", "telepules", "municipality"},
    {Role::place, "English", "ward|parish", "parish"},
    {Role::place, "Spanish", "localidad|parroquia|asientoelectoral", "locality"},
    {Role::place, "English", "locality|village", "locality"},
    {Role::place, "Spanish", "zona|nomzona", "zone"},
    {Role::place, "English", "precinct|polling center|polling centre|building", "precinct"},
    {Role::place, "Spanish", "recinto|reci|rec|nombre recinto|nombrereci|local de votacion|local", "precinct"},
    {Role::place, "Polish", "siedziba", "precinct"},
    {Role::place, "Russian", "регион|субъект", "region"},
    {Role::place, "Russian", "тик|tik", "commission"},
    {Role::place, "Turkish", "il", "province"},
    {Role::place, "Turkish", "ilce", "district"},
    {Role::place, "Arabic", "المحافظة|محافظة", "province"},
    {Role::place, "Arabic", "الدائرة|دائرة", "constituency"},
    {Role::latitude, "any", "lat|latitude|latitud|breitengrad|szerokosc"},
    {Role::longitude, "any", "lon|lng|long|longitude|longitud|langengrad|dlugosc"},
    {Role::candidate, "English",
     "candidate|candidate name|candidate code|party|option|choice|contestant|selection|party name|list name|response"},
    {Role::candidate, "Spanish", "candidato|candidatura|partido|sigla|organizacion politica|lista|agrupacion|opcion"},
    {Role::candidate, "French", "candidat|liste|nuance"},
    {Role::candidate, "German", "kandidat|partei|wahlvorschlag"},
    {Role::candidate, "Portuguese", "nome candidato|nm votavel|votavel"},
    {Role::candidate, "Italian", "lista|candidato"},
    {Role::candidate, "Dutch", "lijst|partij|kandidaat"},
    {Role::candidate, "Polish", "kandydat|komitet"},
    {Role::candidate, "Russian", "кандидат|партия"},
    {Role::candidate, "Scandinavian", "parti"},
    {Role::candidate, "Turkish", "aday|parti"},
    {Role::candidate, "Czech", "strana|kstrana"},
    {Role::candidate, "South Slavic",
     "stranka|kandidat|subjekt|koalicija|izborna lista|партија|кандидат|листа|странка|коалиција"},
    {Role::candidate, "Romanian", "candidat|partid|formatiune"},
    {Role::candidate, "Indonesian", "calon|paslon|partai|kandidat"},
    {Role::candidate, "Ukrainian", "партія"},
    {Role::votes, "English", "votes|votes received|vote count|count|total votes|votes for|num votes"},
    {Role::votes, "Spanish", "votos|cantidad de votos"},
    {Role::votes, "Portuguese", "quantidade de votos|votos"},
    {Role::votes, "French", "voix"},
    {Role::votes, "German", "stimmen"},
    {Role::votes, "Italian", "voti"},
    {Role::votes, "Dutch", "stemmen"},
    {Role::votes, "Polish", "glosy|liczba glosow"},
    {Role::votes, "Russian", "голоса|голосов"},
    {Role::votes, "Scandinavian", "roster|stemmer"},
    {Role::votes, "Turkish", "oy"},
    {Role::votes, "Czech", "hlasy|poc hlasu"},
    {Role::votes, "South Slavic", "glasovi|glasova|broj glasova|гласови|гласова|гласа"},
    {Role::votes, "Romanian", "voturi"},
    {Role::votes, "Indonesian", "suara|perolehan suara|jumlah suara"},
    {Role::votes, "Ukrainian", "голосів"},
    {Role::contest, "English", "contest|contest name|office|race|election|position|measure|question|ballot item|seat"},
    {Role::contest, "Spanish", "cargo|eleccion|candidatura tipo|descripcion eleccion|tipo de eleccion"},
    {Role::contest, "Portuguese", "cargo"},
    {Role::election_date, "English", "year|election year|election date|date of election"},
    {Role::election_date, "Spanish", "ano|ano eleccion|fecha eleccion|fecha de eleccion"},
    {Role::election_date, "Portuguese", "ano eleicao|data eleicao"},
    {Role::election_date, "French", "annee|annee election|date election|date du scrutin"},
    {Role::election_date, "German", "jahr|wahljahr|wahltag"},
    {Role::election_date, "Italian", "anno|anno elezione|data elezione"},
    {Role::other, "English",
     "status|date|time|url|address|snapshot|hash|updated|timestamp|margin|diff|difference|swing|age|sex|gender|step|"
     "order|area "
     "type|type|note|notes|remarks|comment|mismatch|flag|phone|population|inhabitants|households|altitude|seats won"},
    {Role::other, "Spanish",
     "fecha|hora|estado acta|direccion|observaciones|porcentaje|circuns|poblacion|altitud|estado de "
     "acta|estatus|telefono"},
    {Role::other, "Polish", "typ gminy|typ obszaru|typ obwodu|symbol kontrolny|nr okw"},
    {Role::other, "French", "date|etat saisie"},
};
constexpr const char* code_words =
    "code|codigo|cod|kod|id|nr|num|number|numero|kennziffer|ags|teryt|fips|iso|код|номер";
constexpr const char* share_words =
    "percent|percentage|pct|porcentaje|share|confidence|probability|rate|quota|prozent|pourcentage|procent|percentual";
constexpr const char* total_words =
    "total|totals|grand total|sub total|subtotal|sub totals|subtotals|total "
    "general|gesamt|gesamtsumme|summe|zwischensumme|"
    "insgesamt|razem|suma|ogolem|итого|всего|разом|усього|toplam|genel toplam|المجموع|الاجمالي|totaux|total "
    "general|totales|"
    "jumlah|totaal|totale|totali|complessivo|totalt|samtliche|celkem|ukupno|svega|osszesen|συνολο|სულ|overall|sum|all|"
    "county total|precinct total|district total|state total|contest total|contest totals|race total|total general";
// Words that add nothing to others.
constexpr const char* filler_words =
    "votes|vote|votos|voto|voti|voix|stimmen|stimmzettel|stemmen|glosow|glosy|hlasy|hlasu|roster|ballots|ballot|"
    "boletas|"
    "papeletas|papers|paper|cards|schede|bulletins|suffrages|oy|oylar|pusula|pusulalari|number|no|nr|num|n|numero|"
    "nombre|"
    "anzahl|aantal|liczba|число|количество|голосов|бюллетеней|count|counted|sum|suma|summe|of|the|and|for|in|to|on|by|"
    "de|"
    "del|des|la|el|los|las|le|les|du|do|da|dos|das|di|della|delle|en|et|y|e|und|der|die|van|het|voters|voter|votantes|"
    "electors|electeurs|total|totals|gesamt|valid voters|cast|"
    "عدد|الأوراق|أوراق|الأصوات|أصوات|البطاقات|بطاقات|الناخبين|المجموع|"
    "избирательных|избирателей|виборчих|secmen|kart|wyborcow|ბიულეტენები|valgsedler|rostsedlar|alegatori|birackih|"
    "listica|listici";
constexpr const char* write_in_total_words =
    "write in total|write in totals|writein total|writein totals|write ins total|write ins totals|total write in|total "
    "write ins|total writeins|write in votes total|total of write ins|total write in votes";
constexpr const char* annulment_words =
    "invalidated|annulled|anulled|cancelled|canceled|quarantined|quarantine|voided|void|excluded|rejected|nullified|"
    "discarded|disqualified|not counted|uncounted|set aside|impounded|disputed|contested|suspended|withdrawn|not valid|"
    "invalid|anulada|anulado|anuladas|anulados|nula|nulo|invalidada|invalidado|cancelada|cancelado|excluida|excluido|"
    "impugnada|observada|no computada|no contabilizada|annule|annulee|annules|annulees|invalide|rejete|rejetee|exclu|"
    "ungultig|annulliert|aufgehoben|ausgeschlossen|annullato|annullata|escluso|esclusa|ongeldig|uitgesloten|"
    "uniewazniony|uniewaznione|uniewazniona|недействительны|недействительный|отменен|отменены|аннулирован|"
    "аннулировано|признаны недействительными|скасовано|недійсний|gecersiz|iptal|iptal edildi|ملغى|ملغاة|dibatalkan|"
    "batal|ponisteno|ponistena|anulat|anulata|ervenytelen|ακυρο";
constexpr const char* flag_words =
    "true|false|yes|no|y|n|t|f|s|si|oui|non|ja|nein|nee|sim|nao|tak|nie|да|нет|evet|hayir|x|0|1|on|off|na|wahr|falsch|"
    "vrai|faux|verdadero|falso|ok";

std::vector<std::string> phrases(const char* words) {
  std::vector<std::string> out;
  for (std::string_view rest = words;;) {
    const auto bar = rest.find('|');
    out.push_back(folded(rest.substr(0, bar)));
    if (bar == std::string_view::npos) return out;
    rest = rest.substr(bar + 1);
  }
}

struct Match {
  std::size_t begin = 0, size = 0;  // of the phrase in the text, the rest of its last word included
  std::size_t length = 0;           // of the phrase
};

// Where `header` has the phrase at the beginning of a word; a phrase of up to three characters is a whole word.
Match matched(const std::string& header, const std::string& phrase) {
  const bool whole_word = phrase.size() <= 4 || (phrase.size() <= 6 && static_cast<unsigned char>(phrase[0]) >= 0x80);
  for (auto at = header.find(phrase); at != std::string::npos; at = header.find(phrase, at + 1)) {
    if (at > 0 && header[at - 1] != ' ') continue;
    const auto end = at + phrase.size();
    if (whole_word && end < header.size() && header[end] != ' ') continue;
    const auto word_end = std::min(header.find(' ', end), header.size());
    return {at, word_end - at, phrase.size()};
  }
  return {};
}

bool is_one_of(const std::vector<std::string>& phrases, const std::string& text) {
  return std::find(phrases.begin(), phrases.end(), text) != phrases.end();
}

// Every word outside [begin, begin + size) adds nothing.
bool rest_is_filler(const std::string& text, std::size_t begin, std::size_t size) {
  static const auto fillers = phrases(filler_words);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    const bool inside = at >= begin && at < begin + size;
    if (!inside && !is_one_of(fillers, text.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace

std::string folded(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* normal = icu::Normalizer2::getNFDInstance(status);
  auto characters =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 1'000))});
  for (std::int32_t at = characters.length() - 1; at > 0; --at)  // "NombreReci" is two words
    if (u_isupper(characters.charAt(at)) && u_islower(characters.charAt(at - 1))) characters.insert(at, UChar{' '});
  if (U_SUCCESS(status)) characters = normal->normalize(characters.foldCase(), status);
  std::string out;
  bool blank = false;
  for (std::int32_t at = 0; at < characters.length(); at = characters.moveIndex32(at, 1)) {
    const UChar32 c = characters.char32At(at);
    if (u_charType(c) == U_NON_SPACING_MARK) continue;
    if (!u_isalnum(c)) {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    // To Unicode the stroke of \u0142 and the missing dot of \u0131 are no accents.
    icu::UnicodeString(c == 0x142 ? UChar32{'l'} : c == 0x131 ? UChar32{'i'} : c).toUTF8String(out);
  }
  return out;
}

// "votos_vb": what kind of votes decides, not the longer word for votes.
static bool yields_to(Role role) {
  return role == Role::registered || role == Role::cast || role == Role::valid || role == Role::blank ||
         role == Role::null || role == Role::over || role == Role::under || role == Role::abstention ||
         role == Role::mode;
}

HeaderWords words_of(std::string_view header) {
  static const auto all = [] {
    std::vector<std::pair<const Entry*, std::vector<std::string>>> out;
    for (const auto& entry : table) out.emplace_back(&entry, phrases(entry.words));
    return out;
  }();
  static const auto codes = phrases(code_words), shares = phrases(share_words);
  HeaderWords out;
  const std::string text = folded(header);
  std::size_t longest = 0;
  for (const auto& [entry, words] : all)
    for (const auto& phrase : words)
      if (const auto match = matched(text, phrase);
          match.length > longest || (match.length > 0 && out.role == Role::votes && yields_to(entry->role))) {
        if (entry->role == Role::votes && yields_to(out.role)) continue;
        longest = match.length;
        out.role = entry->role;
        out.level = entry->level;
        out.language = entry->language;
        out.words = phrase;
        out.whole = rest_is_filler(text, match.begin, match.size);
      }
  for (const auto& phrase : codes) out.is_code = out.is_code || matched(text, phrase).length > 0;
  for (const auto& phrase : shares) out.is_share = out.is_share || matched(text, phrase).length > 0;
  out.is_share = out.is_share || header.find('%') != std::string_view::npos;
  if (out.role == Role::none && out.is_code) out.role = Role::code;
  return out;
}

NameKind name_kind(std::string_view name) {
  static const auto write_in_totals = phrases(write_in_total_words);
  const std::string text = folded(name);
  if (is_one_of(write_in_totals, text)) return NameKind::write_in_total;
  if (is_total_word(name)) return NameKind::total;
  const auto words = words_of(name);
  if (!words.whole) return NameKind::option;
  switch (words.role) {
    case Role::registered:
      return NameKind::registered;
    case Role::cast:
      return NameKind::cast;
    case Role::valid:
      return NameKind::valid;
    case Role::blank:
      return NameKind::blank;
    case Role::null:
      return NameKind::null;
    case Role::over:
      return NameKind::over_votes;
    case Role::under:
      return NameKind::under_votes;
    case Role::abstention:
      return NameKind::abstention;
    default:
      return NameKind::option;
  }
}

bool is_total_word(std::string_view cell) {
  static const auto all = phrases(total_words);
  return is_one_of(all, folded(trimmed(cell)));
}

bool has_total_word(std::string_view cell) {
  static const auto all = phrases(total_words);
  const std::string text = " " + folded(trimmed(cell)) + " ";
  return std::any_of(all.begin(), all.end(), [&](const std::string& word) {
    return word != "all" && word != "sum" && text.find(" " + word + " ") != std::string::npos;
  });
}

bool is_annulment_word(std::string_view cell) {
  static const auto all = phrases(annulment_words);
  const std::string text = " " + folded(trimmed(cell)) + " ";
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& word) { return text.find(" " + word + " ") != std::string::npos; });
}

bool is_flag_word(std::string_view cell) {
  static const auto all = phrases(flag_words);
  return is_one_of(all, folded(trimmed(cell)));
}

}  // namespace cotejo
