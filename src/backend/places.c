/* SPDX-License-Identifier: BSD-2-Clause */
/* places.c - see places.h. */
#include "backend/places.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backend/field.h"
#include "base/near.h"
#include "base/xmalloc.h"

/* Codes, then names and usual spellings between bars. */
static const struct {
	const char *code, *names;
} states[] = {
    {"AN", "Andaman and Nicobar|Andaman|अंडमान और निकोबार|अंडमान"},
    {"AP", "Andhra Pradesh|Andhra|आंध्र प्रदेश|आन्ध्र प्रदेश"},
    {"AR", "Arunachal Pradesh|Arunachal|अरुणाचल प्रदेश"},
    {"AS", "Assam|असम"},
    {"BR", "Bihar|बिहार"},
    {"CG", "Chhattisgarh|Chattisgarh|छत्तीसगढ़"},
    {"CH", "Chandigarh|चंडीगढ़"},
    {"DD", "Dadra and Nagar Haveli and Daman and Diu|Daman|दादरा और नगर हवेली|दमन"},
    {"DL", "Delhi|New Delhi|NCT of Delhi|दिल्ली|नई दिल्ली"},
    {"GA", "Goa|गोवा"},
    {"GJ", "Gujarat|Gujrat|गुजरात"},
    {"HP", "Himachal Pradesh|Himachal|हिमाचल प्रदेश|हिमाचल"},
    {"HR", "Haryana|हरियाणा"},
    {"JH", "Jharkhand|झारखंड|झारखण्ड"},
    {"JK",
	"Jammu and Kashmir|Jammu Kashmir|J and K|JnK|Kashmir|Jammu|जम्मू और कश्मीर|जम्मू-कश्मीर|जम्मू एवं कश्मीर|"
	"जम्मू|कश्मीर"},
    {"KA", "Karnataka|कर्नाटक"},
    {"KL", "Kerala|केरल"},
    {"LA", "Ladakh|लद्दाख"},
    {"LD", "Lakshadweep|लक्षद्वीप"},
    {"MH", "Maharashtra|महाराष्ट्र"},
    {"ML", "Meghalaya|मेघालय"},
    {"MN", "Manipur|मणिपुर"},
    {"MP", "Madhya Pradesh|मध्य प्रदेश"},
    {"MZ", "Mizoram|मिजोरम"},
    {"NL", "Nagaland|नागालैंड"},
    {"OD", "Odisha|Orissa|ओडिशा|उड़ीसा"},
    {"PB", "Punjab|Panjab|पंजाब"},
    {"PY", "Puducherry|Pondicherry|पुडुचेरी|पुदुचेरी"},
    {"RJ", "Rajasthan|राजस्थान"},
    {"SK", "Sikkim|सिक्किम"},
    {"TN", "Tamil Nadu|Tamilnadu|तमिलनाडु|तमिल नाडु"},
    {"TR", "Tripura|त्रिपुरा"},
    {"TS", "Telangana|तेलंगाना|तेलंगणा"},
    {"UK", "Uttarakhand|Uttaranchal|उत्तराखंड|उत्तराखण्ड"},
    {"UP", "Uttar Pradesh|उत्तर प्रदेश"},
    {"WB", "West Bengal|Bengal|पश्चिम बंगाल|बंगाल"},
};

const struct places_district places_districts[] = {
    {"AN", "South Andaman", "दक्षिण अंडमान", 744},
    {"AP", "NTR Vijayawada", "एनटीआर विजयवाड़ा", 520},
    {"AP", "Visakhapatnam", "विशाखापत्तनम", 530},
    {"AR", "Papum Pare", "पापुम पारे", 791},
    {"AS", "Kamrup", "कामरूप", 781},
    {"AS", "Dibrugarh", "डिब्रूगढ़", 786},
    {"BR", "Patna", "पटना", 800},
    {"BR", "Gaya", "गया", 823},
    {"BR", "Muzaffarpur", "मुजफ्फरपुर", 842},
    {"BR", "Bhagalpur", "भागलपुर", 812},
    {"BR", "Darbhanga", "दरभंगा", 846},
    {"CG", "Raipur", "रायपुर", 492},
    {"CG", "Bilaspur", "बिलासपुर", 495},
    {"CH", "Chandigarh", "चंडीगढ़", 160},
    {"DL", "New Delhi", "नई दिल्ली", 110},
    {"GA", "North Goa", "उत्तरी गोवा", 403},
    {"GJ", "Ahmedabad", "अहमदाबाद", 380},
    {"GJ", "Surat", "सूरत", 395},
    {"GJ", "Rajkot", "राजकोट", 360},
    {"HP", "Shimla", "शिमला", 171},
    {"HP", "Kangra", "कांगड़ा", 176},
    {"HP", "Bilaspur", "बिलासपुर", 174},
    {"HR", "Gurugram", "गुरुग्राम", 122},
    {"HR", "Hisar", "हिसार", 125},
    {"JH", "Ranchi", "रांची", 834},
    {"JH", "Dhanbad", "धनबाद", 826},
    {"JK", "Jammu", "जम्मू", 180},
    {"JK", "Srinagar", "श्रीनगर", 190},
    {"KA", "Bengaluru Urban", "बेंगलुरु शहरी", 560},
    {"KA", "Mysuru", "मैसूरु", 570},
    {"KL", "Thiruvananthapuram", "तिरुवनंतपुरम", 695},
    {"KL", "Ernakulam", "एर्नाकुलम", 682},
    {"LA", "Leh", "लेह", 194},
    {"MH", "Mumbai", "मुंबई", 400},
    {"MH", "Pune", "पुणे", 411},
    {"MH", "Nagpur", "नागपुर", 440},
    {"MH", "Nashik", "नासिक", 422},
    {"ML", "East Khasi Hills", "पूर्वी खासी हिल्स", 793},
    {"MN", "Imphal West", "इंफाल पश्चिम", 795},
    {"MP", "Bhopal", "भोपाल", 462},
    {"MP", "Indore", "इंदौर", 452},
    {"MP", "Gwalior", "ग्वालियर", 474},
    {"MP", "Jabalpur", "जबलपुर", 482},
    {"MZ", "Aizawl", "आइजोल", 796},
    {"NL", "Kohima", "कोहिमा", 797},
    {"OD", "Cuttack", "कटक", 753},
    {"OD", "Khordha", "खोरधा", 752},
    {"PB", "Ludhiana", "लुधियाना", 141},
    {"PB", "Amritsar", "अमृतसर", 143},
    {"PY", "Puducherry", "पुडुचेरी", 605},
    {"RJ", "Jaipur", "जयपुर", 302},
    {"RJ", "Jodhpur", "जोधपुर", 342},
    {"RJ", "Udaipur", "उदयपुर", 313},
    {"SK", "Gangtok", "गंगटोक", 737},
    {"TN", "Chennai", "चेन्नई", 600},
    {"TN", "Madurai", "मदुरै", 625},
    {"TN", "Coimbatore", "कोयंबटूर", 641},
    {"TR", "West Tripura", "पश्चिम त्रिपुरा", 799},
    {"TS", "Hyderabad", "हैदराबाद", 500},
    {"TS", "Warangal", "वारंगल", 506},
    {"UK", "Dehradun", "देहरादून", 248},
    {"UK", "Haridwar", "हरिद्वार", 249},
    {"UP", "Lucknow", "लखनऊ", 226},
    {"UP", "Varanasi", "वाराणसी", 221},
    {"UP", "Kanpur Nagar", "कानपुर नगर", 208},
    {"UP", "Prayagraj", "प्रयागराज", 211},
    {"UP", "Gorakhpur", "गोरखपुर", 273},
    {"WB", "Howrah", "हावड़ा", 711},
};
const size_t places_n_districts = sizeof places_districts / sizeof places_districts[0];

/* Names that people use beside the official one. */
static const struct {
	const char *usual, *official;
} usual[] = {
    {"Vijayawada|Bezawada|विजयवाड़ा", "NTR Vijayawada"},
    {"Vizag|Vishakhapatnam|विशाखापट्टनम|वाइजैग", "Visakhapatnam"},
    {"Guwahati|Gauhati|गुवाहाटी", "Kamrup"},
    {"Muzzafarpur|मुज़फ़्फ़रपुर", "Muzaffarpur"},
    {"Amdavad|अमदावाद", "Ahmedabad"},
    {"Dharamshala|Dharamsala|धर्मशाला", "Kangra"},
    {"Gurgaon|गुड़गांव|गुड़गाँव", "Gurugram"},
    {"Bangalore|Bengaluru|बैंगलोर|बंगलौर|बेंगलुरु", "Bengaluru Urban"},
    {"Mysore|मैसूर", "Mysuru"},
    {"Trivandrum|त्रिवेंद्रम", "Thiruvananthapuram"},
    {"Kochi|Cochin|कोच्चि", "Ernakulam"},
    {"Bombay|बंबई|बम्बई|मुम्बई", "Mumbai"},
    {"Poona|पूना", "Pune"},
    {"Nasik", "Nashik"},
    {"Shillong|शिलांग", "East Khasi Hills"},
    {"Imphal|इंफाल|इम्फाल", "Imphal West"},
    {"Bhubaneswar|Khurda|भुवनेश्वर|खुर्दा", "Khordha"},
    {"Pondicherry|पांडिचेरी", "Puducherry"},
    {"Madras|मद्रास", "Chennai"},
    {"Agartala|अगरतला", "West Tripura"},
    {"Lakhnau", "Lucknow"},
    {"Banaras|Benares|Kashi|बनारस|काशी", "Varanasi"},
    {"Kanpur|कानपुर", "Kanpur Nagar"},
    {"Allahabad|Ilahabad|इलाहाबाद", "Prayagraj"},
    {"Port Blair|पोर्ट ब्लेयर", "South Andaman"},
    {"Panaji|Panjim|पणजी", "North Goa"},
};

/* Removes every occurrence of a piece. */
static void drop(char *s, const char *piece)
{
	size_t n = strlen(piece);

	for (char *at = s; (at = strstr(at, piece)) != NULL;)
		memmove(at, at + n, strlen(at + n) + 1);
}

char *places_fold(const char *text)
{
	char *s = field_fold(text);

	if (!s)
		return NULL;
	/* The nukta is often left out, and "and" in every form stands for nothing. */
	drop(s, "\xe0\xa4\xbc");
	drop(s, "-");
	drop(s, "&");
	drop(s, "और");
	drop(s, "एवं");
	if (!*s) {
		free(s);
		return NULL;
	}
	return s;
}

/* "andaman" has the letters of "and": only a whole name with and without it is compared. */
static int is_name(const char *folded, const char *name, size_t n)
{
	char *copy = xstrndup(name, n), *f = places_fold(copy);
	int same = f && !strcmp(f, folded);

	if (f && !same && strstr(copy, " and ")) {
		char *at = strstr(copy, " and ");

		free(f);
		memmove(at, at + 4, strlen(at + 4) + 1);
		f = places_fold(copy);
		same = f && !strcmp(f, folded);
	}
	free(f);
	free(copy);
	return same;
}

/* Whether one of the names between bars is it. */
static bool is_one_of(const char *folded, const char *names)
{
	bool found = false;

	while (!found && *names) {
		size_t n = strcspn(names, "|");

		found = is_name(folded, names, n);
		names += n + (names[n] == '|');
	}
	return found;
}

const char *places_state(const char *text)
{
	char *folded = places_fold(text);
	const char *found = NULL;

	for (size_t i = 0; folded && !found && i < sizeof states / sizeof states[0]; i++)
		if (is_name(folded, states[i].code, 2) || is_one_of(folded, states[i].names))
			found = states[i].code;
	free(folded);
	return found;
}

const char *places_state_near(const char *text)
{
	char *folded = places_fold(text);
	const char *found = NULL;
	unsigned least = UINT_MAX;
	struct near_word a, b;

	near_read(sv_from(folded ? folded : ""), &a);
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		for (const char *name = states[i].names; *name;) {
			size_t n = strcspn(name, "|");
			char *copy = xstrndup(name, n), *f = places_fold(copy);
			unsigned d;

			near_read(sv_from(f), &b);
			d = near_meant(&a, &b);
			if (d < least) {
				least = d;
				found = states[i].code;
			}
			name += n + (name[n] == '|');
			free(f);
			free(copy);
		}
	free(folded);
	return found;
}

char *places_usual(const char *folded)
{
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (is_one_of(folded, usual[i].usual))
			return places_fold(usual[i].official);
	return NULL;
}

/* The digits of a text, of either script, to 7 of them; *only: nothing else is in it. */
static size_t digits_of(const char *text, char out[8], bool *only)
{
	size_t n = 0;

	*only = true;
	for (const char *p = text; *p; p++) {
		char d = '\0';

		if (*p >= '0' && *p <= '9') {
			d = *p;
		} else if (!strncmp(p, "\xe0\xa5", 2) && (unsigned char)p[2] >= 0xa6 &&
			   (unsigned char)p[2] <= 0xaf) {
			d = (char)('0' + (unsigned char)p[2] - 0xa6);
			p += 2;
		} else if (*p != ' ' && *p != '-') {
			*only = false;
		}
		if (d && n < 7)
			out[n++] = d;
	}
	out[n] = '\0';
	return n;
}

/* The state's name before or after: cut says where the text is parted. */
static bool split(struct places_words *w, const char *text, const char *cut)
{
	char *before = xstrndup(text, (size_t)(cut - text)), *after = xstrdup(cut + 1);

	if ((w->state = places_state(after)) != NULL)
		w->district = xstrdup(before);
	else if ((w->state = places_state(before)) != NULL)
		w->district = xstrdup(after);
	free(before);
	free(after);
	return w->state != NULL;
}

void places_read(const char *text, struct places_words *w)
{
	char digits[8];
	bool only;
	size_t n = digits_of(text, digits, &only);

	*w = (struct places_words){.whole = xstrdup(text)};
	if (n == 6 && digits[0] != '0')
		w->pin = strtoll(digits, NULL, 10);
	else if (n > 0 && only)
		w->pin = -1;
	for (const char *p = text; w->pin == 0 && *p; p++)
		if ((*p == ',' || *p == ' ') && p > text && p[1] && split(w, text, p))
			return;
	w->district = xstrdup(text);
}

void places_words_clear(struct places_words *w)
{
	free(w->whole);
	free(w->district);
	*w = (struct places_words){0};
}

char *places_state_name(const char *code, const char *lang)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		const char *name = states[i].names;

		if (strcmp(states[i].code, code))
			continue;
		/* English stands first, Hindi after the last of English. */
		while (!strcmp(lang, "hi") && !((unsigned char)*name & 0x80))
			name += strcspn(name, "|") + 1;
		return xstrndup(name, strcspn(name, "|"));
	}
	return xstrdup("");
}
