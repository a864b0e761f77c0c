#include "role_words.hpp"

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
     "registered|reg voters|electorate|enrolled|eligible voters|number of electors|electors|voters on the list|total "
     "registered"},
    {Role::registered, "Spanish",
     "inscritos|habilitados|empadronados|padron|electores|lista nominal|hab|censo electoral|electores habiles"},
    {Role::registered, "Portuguese", "eleitores|aptos|inscritos|eleitorado"},
    {Role::registered, "French", "inscrits|electeurs inscrits"},
    {Role::registered, "German", "wahlberechtigte"},
    {Role::registered, "Polish", "liczba wyborcow uprawnionych|uprawnionych do glosowania|wyborcy uprawnieni"},
    {Role::registered, "Russian", "число избирателей внесенных|число избирателей включенных|избирателей в списк"},
    {Role::registered, "Ukrainian", "кількість виборців внесених|кількість виборців у списк"},
    {Role::registered, "Turkish", "kayitli secmen|secmen sayisi"},
    {Role::registered, "Indonesian", "pemilih terdaftar|dpt"},
    {Role::registered, "Arabic", "المسجلين|المسجلون|عدد الناخبين"},
    {Role::cast, "English",
     "ballots cast|votes cast|total votes|total ballots|turnout|voted|total cast|ballots counted|total vote"},
    {Role::cast, "Spanish",
     "emitidos|voto emitido|votos emitidos|votantes|total votos|participaron|sufragantes|ciudadanos que "
     "votaron|votacion total"},
    {Role::cast, "Portuguese", "votantes|comparecimento|comparecimiento|total de votos"},
    {Role::cast, "French", "votants|total des votes"},
    {Role::cast, "German", "wahler|wahlende|abgegebene stimmen|wahler innen|waehler"},
    {Role::cast, "Polish", "liczba kart waznych|oddano glosow|wydano glosow"},
    {Role::cast, "Russian", "число избирателей принявших участие|проголосовавших всего"},
    {Role::cast, "Ukrainian", "взяли участь|кількість виборців які взяли участь"},
    {Role::cast, "Turkish", "oy kullanan|kullanilan oy"},
    {Role::cast, "Arabic", "المقترعين|المصوتين|عدد المقترعين"},
    {Role::valid, "English", "valid|valid votes|valid ballots|votes valid|total valid"},
    {Role::valid, "Spanish", "validos|votos validos|vv|total validos|votvalidos"},
    {Role::valid, "Portuguese", "votos validos|validos"},
    {Role::valid, "French", "exprimes|suffrages exprimes|votes valables"},
    {Role::valid, "German", "gultige|gueltige"},
    {Role::valid, "Polish", "liczba glosow waznych|glosy wazne"},
    {Role::valid, "Russian", "действительных|число действительных"},
    {Role::valid, "Ukrainian", "дійсних"},
    {Role::valid, "Turkish", "gecerli"},
    {Role::valid, "Indonesian", "suara sah"},
    {Role::valid, "Arabic", "الصحيحة|صحيحة"},
    {Role::blank, "English", "blank|blank votes|blank ballots|undervotes|under votes"},
    {Role::blank, "Spanish", "blancos|en blanco|votos blancos|bl|blanco"},
    {Role::blank, "Portuguese", "brancos|em branco|votos brancos"},
    {Role::blank, "French", "blancs|bulletins blancs"},
    {Role::null, "English", "invalid|rejected|spoilt|spoiled|null|invalid votes|rejected votes|void|not valid"},
    {Role::null, "Spanish", "nulos|votos nulos|nu|impugnados|no validos|viciados"},
    {Role::null, "Portuguese", "nulos|votos nulos"},
    {Role::null, "French", "nuls|bulletins nuls|blancs et nuls"},
    {Role::null, "German", "ungultige|ungueltige"},
    {Role::null, "Polish", "liczba glosow niewaznych|glosy niewazne"},
    {Role::null, "Russian", "недействительных|число недействительных"},
    {Role::null, "Ukrainian", "недійсних"},
    {Role::null, "Turkish", "gecersiz"},
    {Role::null, "Indonesian", "suara tidak sah|tidak sah"},
    {Role::null, "Arabic", "الباطلة|باطلة|الملغاة"},
    {Role::papers, "English",
     "ballots issued|ballots received|unused|papers issued|papers received|ballot papers|disputed|envelopes"},
    {Role::papers, "Spanish", "papeletas|sobrantes|boletas"},
    {Role::papers, "French", "bulletins trouves|enveloppes|abstentions|abs"},
    {Role::papers, "Polish",
     "kart do glosowania|kopert|kart niewaznych|kart wyjetych|pelnomocnika|zaswiadczenia|pakiety|w tym z powodu|w tym "
     "liczba"},
    {Role::papers, "Russian",
     "число избирательных бюллетеней|бюллетеней полученных|бюллетеней "
     "выданных|погашенных|утраченных|переносных|стационарных|открепительн|не учтенных"},
    {Role::papers, "Ukrainian", "бюлетен|погашених"},
    {Role::unit, "English",
     "polling station|station|polling unit|precinct number|table number|unit|booth|polling place|ballot box"},
    {Role::unit, "Spanish", "mesa|numero mesa|acta|codigo mesa|casilla|nombre mesa|seccion"},
    {Role::unit, "Portuguese", "secao|urna"},
    {Role::unit, "French", "bureau|bureau de vote|code bv|bv"},
    {Role::unit, "German", "wahlbezirk|stimmbezirk|wahllokal"},
    {Role::unit, "Polish", "numer obwodu|nr obwodu|obwod"},
    {Role::unit, "Russian", "уик|uik|номер уик|избирательный участок"},
    {Role::unit, "Ukrainian", "двк|дільниця"},
    {Role::unit, "Turkish", "sandik|sandik no"},
    {Role::unit, "Indonesian", "tps"},
    {Role::unit, "Arabic", "مركز الاقتراع|رقم المكتب|مكتب"},
    {Role::place, "English", "country", "country"},
    {Role::place, "Spanish", "pais|nombre pais", "country"},
    {Role::place, "English", "region|state", "region"},
    {Role::place, "Spanish", "departamento|dep|nombre departamento|nomdep", "department"},
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
    {Role::place, "English", "municipality|city|town", "municipality"},
    {Role::place, "Spanish", "municipio|mun|nombre municipio|nombremunicipio|comuna|canton", "municipality"},
    {Role::place, "Portuguese", "municipio|concelho", "municipality"},
    {Role::place, "French", "commune|libelle de la commune", "commune"},
    {Role::place, "Polish", "gmina", "commune"},
    {Role::place, "German", "gemeinde", "commune"},
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
    {Role::candidate, "English", "candidate|candidate name|party|option|choice"},
    {Role::candidate, "Spanish", "candidato|candidatura|partido|sigla"},
    {Role::candidate, "French", "candidat|liste"},
    {Role::candidate, "German", "kandidat|partei"},
    {Role::votes, "English", "votes|votes received|vote count|count"},
    {Role::votes, "Spanish", "votos|cantidad de votos"},
    {Role::votes, "Portuguese", "quantidade de votos|votos"},
    {Role::votes, "French", "voix"},
    {Role::votes, "German", "stimmen"},
    {Role::contest, "English", "contest|office|race|election|position"},
    {Role::contest, "Spanish", "cargo|eleccion|candidatura tipo|descripcion eleccion"},
    {Role::contest, "Portuguese", "cargo"},
    {Role::other, "English",
     "status|date|time|url|address|snapshot|hash|updated|timestamp|margin|step|order|area type|type"},
    {Role::other, "Spanish", "fecha|hora|estado acta|estado|direccion|observaciones|porcentaje|circuns"},
    {Role::other, "Polish", "typ gminy|typ obszaru|typ obwodu|symbol kontrolny|nr okw"},
    {Role::other, "French", "date|etat saisie"},
};
constexpr const char* code_words =
    "code|codigo|cod|kod|id|nr|num|number|numero|kennziffer|ags|teryt|fips|iso|код|номер";
constexpr const char* share_words = "percent|percentage|pct|porcentaje|share|prozent|pourcentage|procent|percentual";
constexpr const char* total_words =
    "total|grand total|sub total|subtotal|total "
    "general|gesamt|summe|insgesamt|razem|suma|итого|всего|разом|toplam|المجموع|totaux|totales|jumlah";

std::vector<std::string> phrases(const char* words) {
  std::vector<std::string> out;
  for (std::string_view rest = words;;) {
    const auto bar = rest.find('|');
    out.push_back(folded(rest.substr(0, bar)));
    if (bar == std::string_view::npos) return out;
    rest = rest.substr(bar + 1);
  }
}

// Length of the phrase when `header` has it where a word begins; a phrase of up to three characters is a whole word.
std::size_t matched(const std::string& header, const std::string& phrase) {
  const bool whole_word = phrase.size() <= 3 || (phrase.size() <= 6 && static_cast<unsigned char>(phrase[0]) >= 0x80);
  for (auto at = header.find(phrase); at != std::string::npos; at = header.find(phrase, at + 1)) {
    if (at > 0 && header[at - 1] != ' ') continue;
    const auto end = at + phrase.size();
    if (whole_word && end < header.size() && header[end] != ' ') continue;
    return phrase.size();
  }
  return 0;
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
      if (const auto length = matched(text, phrase); length > longest) {
        longest = length;
        out.role = entry->role;
        out.level = entry->level;
        out.language = entry->language;
        out.words = phrase;
      }
  for (const auto& phrase : codes) out.is_code = out.is_code || matched(text, phrase) > 0;
  for (const auto& phrase : shares) out.is_share = out.is_share || matched(text, phrase) > 0;
  out.is_share = out.is_share || header.find('%') != std::string_view::npos;
  if (out.role == Role::none && out.is_code) out.role = Role::code;
  return out;
}

bool is_total_word(std::string_view cell) {
  static const auto all = phrases(total_words);
  const std::string text = folded(trimmed(cell));
  return std::find(all.begin(), all.end(), text) != all.end();
}

}  // namespace cotejo
