import { render } from 'preact';
import { App } from './app';
import { applyTheme } from './ui/theme';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/pages.css';

applyTheme();
render(<App />, document.getElementById('app')!);
