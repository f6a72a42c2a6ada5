import { Content } from 'vitepress';
import { VPHomeContent, VPHomeFeatures, VPHomeHero } from 'vitepress/theme-without-fonts';
import { defineComponent, h, type VNode } from 'vue';

export default defineComponent(
  () => (): VNode =>
    h('main', { class: 'start-page' }, [
      h(VPHomeHero),
      h(VPHomeFeatures),
      h(VPHomeContent, undefined, { default: () => h(Content) }),
    ]),
);
