import { mount } from 'svelte';
import Bare from './Bare.svelte';

/** What the bare canvas is given: as many nodes of the same size in the same places, the same viewport and window. */
export type BareData = {
	nodes: { id: string; x: number; y: number; width: number; height: number; label: string }[];
	edges: { id: string; source: string; target: string }[];
	viewport: { x: number; y: number; zoom: number };
	/** Where our canvas lies on its page: both draw as many nodes. */
	box: { left: number; top: number; width: number; height: number };
};

const response = await fetch('/data.json');
mount(Bare, { target: document.body, props: { data: (await response.json()) as BareData } });
