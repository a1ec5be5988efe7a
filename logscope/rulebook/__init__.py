"""The rulebook: YAML files become checked, frozen rules and one prefilter.

`rule` is the language, as nouns; `kinds` and `usual` complete it. On loading, `files` and `yaml_reader` read, `loader`
validates, `checks` judges the meaning, `ruleset` keeps the result in the `cache`. `parts` lists a rule's conditions;
`index` makes slots of them and the `needles` that point at these (from `patterns` and `statuses`, with what stands
`beside` a word), which `prefilter` compiles; `vocabulary` is all that any rule looks for. `texts` fills templates.
"""
