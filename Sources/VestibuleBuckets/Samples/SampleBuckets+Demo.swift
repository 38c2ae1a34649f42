extension SampleBuckets {
    /// The bakery's own files.
    static var demo: [Sample] {
        [
            Sample(
                "README.md",
                """
                # Corner Bakery

                What lies here:

                | prefix | what |
                |---|---|
                | `recipes/` | what we bake, as Markdown |
                | `sales/` | what we sold, a CSV for each month |
                | `images/` | drawn by a program, not by a camera |
                | `config/` | how the oven and the shop are set |
                | `international/` | the same greeting in many scripts |
                | `odd names/` | keys that are hard on software |

                """, ["owner": "bakery", "reviewed": "2026-01-05"]),
            Sample(
                "recipes/rye-bread.md",
                "# Rye bread\n\n1. Feed the sourdough the evening before.\n2. Mix 600 g rye flour, 400 g water, 12 g salt."
                    + "\n3. Rest 90 minutes.\n4. Bake 50 minutes, falling from 250 °C to 200 °C.\n"),
            Sample(
                "recipes/cinnamon-rolls.md",
                "# Cinnamon rolls\n\nMakes 12. Roll thin, fill thick, and do not count how many you ate.\n"),
            Sample("recipes/croissants.md", "# Croissants\n\nThree folds, two rests, one morning.\n"),
            Sample("recipes/seasonal/stollen.md", "# Stollen\n\nBake in November, eat in December.\n"),
            Sample("recipes/seasonal/hot-cross-buns.md", "# Hot cross buns\n\nFor Good Friday; 24 at a time.\n"),
            Sample("sales/2025/11.csv", SampleTables.sales(month: 11)),
            Sample("sales/2025/12.csv", SampleTables.sales(month: 12)),
            Sample("sales/2026/01.csv", SampleTables.sales(month: 1), ["currency": "EUR"]),
            Sample(
                "sales/summary.json",
                #"{"currency":"EUR","best_seller":"rye bread","months":["2025-11","2025-12","2026-01"],"closed":false}"#
                    + "\n"),
            Sample(
                "config/oven.json",
                #"{"name":"Oven 2","zones":[{"id":1,"celsius":250},{"id":2,"celsius":230}],"steam":true}"# + "\n"),
            Sample(
                "config/shop.yaml",
                "open:\n  weekdays: \"06:30-18:00\"\n  saturday: \"07:00-13:00\"\npayment: [cash, card]\n"),
            Sample("images/logo.svg", SamplePictures.logo),
            Sample("images/gradient.png", bytes: SamplePictures.png(width: 96, height: 64, SamplePictures.gradient)),
            Sample("images/bread.png", bytes: SamplePictures.png(width: 64, height: 48, SamplePictures.loaf)),
            Sample("images/pixel.png", bytes: SamplePictures.png(width: 1, height: 1) { _, _ in (240, 96, 32) }),
            Sample(
                "notes/meeting 2026-01-12.txt",
                "Flour is dearer from February on. Rolls stay at 0.65 EUR. Who waters the basil?\n"),
            Sample("notes/todo.txt", "[x] sharpen the knives\n[ ] repair the door bell\n[ ] order almonds\n"),
            Sample("notes/empty.txt", ""),
            Sample("logs/oven.jsonl", SampleTables.ovenLog),
            Sample("deep/er/and/deep/er/still/down/here/at/the/end.txt", "You found the cellar. Mind the flour.\n"),
            Sample("international/grüße.txt", "Grüße aus der Backstube\n"),
            Sample("international/привет.txt", "Привет из пекарни\n"),
            Sample("international/こんにちは.txt", "パン屋からこんにちは\n"),
            Sample("international/مرحبا.txt", "مرحبا من المخبز\n"),
            Sample("international/emoji 🥐.md", "# 🥐\n\nA croissant needs no words.\n"),
            // The same word with a composed and a decomposed letter: two keys, since keys are bytes.
            Sample("international/caf\u{E9}.txt", "composed: U+00E9\n"),
            Sample("international/cafe\u{301}.txt", "decomposed: U+0065 U+0301\n"),
            Sample("odd names/100% rye?.txt", "A percent sign and a question mark.\n"),
            Sample("odd names/a+b & c#d.txt", "Plus, ampersand and number sign.\n"),
            Sample("odd names//double slash.txt", "Its key has an empty segment.\n"),
            Sample("odd names/\"quoted\" & 'quoted'.txt", "Quotation marks of both kinds.\n"),
            Sample(
                "odd names/<img src=x onerror=alert(1)>.html",
                "<!doctype html><title>A name to be shown as text</title><p>Its key must never become markup.</p>\n"),
            Sample("downloads/menu.html", "<!doctype html><title>Menu</title><h1>Rye, rolls, croissants</h1>\n"),
            Sample("downloads/noise.bin", bytes: SampleTables.noise(count: 2048)),
        ]
    }

    /// The weather station's.
    static var research: [Sample] {
        [
            Sample(
                "README.md",
                "# Weather station on the bakery's roof\n\nHourly means, one CSV for each day; UTC, degrees Celsius.\n"),
            Sample("stations.json", #"[{"id":"roof","height_m":14.5},{"id":"yard","height_m":1.2}]"# + "\n"),
            Sample("roof/2026/01/2026-01-05.csv", SampleTables.weather(seed: 5)),
            Sample("roof/2026/01/2026-01-06.csv", SampleTables.weather(seed: 6)),
            Sample("roof/2026/01/2026-01-07.csv", SampleTables.weather(seed: 7)),
            Sample("yard/2026/01/2026-01-05.csv", SampleTables.weather(seed: 15)),
            Sample("raw/pressure.f32", bytes: SampleTables.pressure),
            Sample("plots/temperature.svg", SamplePictures.plot),
            Sample("papers/abstract.md", "# Does it rain more on market days?\n\nIt does not. It only feels so.\n"),
        ]
    }
}
