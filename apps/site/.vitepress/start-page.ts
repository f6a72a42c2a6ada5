/** What the start page shows above the text of the README. */
export function startPage(title: string, sentence: string): Readonly<Record<string, unknown>> {
  return {
    layout: 'home',
    hero: {
      name: title,
      tagline: sentence,
      actions: [
        { text: 'Read the guide', link: '/guide' },
        { text: 'Find a recipe', link: '/recipes/', theme: 'alt' },
        { text: 'API reference', link: '/api/', theme: 'alt' },
      ],
    },
  };
}
