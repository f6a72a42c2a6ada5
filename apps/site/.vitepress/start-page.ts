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
    features: [
      {
        title: 'Learn',
        details: 'From the first event to the last, on one page, with programs that you can run.',
        link: '/guide',
        linkText: 'Guide',
      },
      {
        title: 'Look up',
        details: 'Each error code and its causes. What to do when a callback is called all the time, or never.',
        link: '/troubleshooting',
        linkText: 'Troubleshooting',
      },
      {
        title: 'Inside',
        details: 'The layers, the path of an event, and what the library promises.',
        link: '/architecture',
        linkText: 'Architecture',
      },
    ],
  };
}
