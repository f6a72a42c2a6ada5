import { Content } from 'vitepress';
import { VPHomeContent, VPHomeFeatures, VPHomeHero } from 'vitepress/theme';
import { defineComponent, h, type VNode } from 'vue';

export default defineComponent(
  () => (): VNode =>
    h('main', { class: 'home' }, [
      h(VPHomeHero),
      h(VPHomeFeatures),
      h(VPHomeContent, undefined, { default: () => h(Content) }),
    ]),
);
