export * from './domain';
export * from './event-sourcing';
export * from './ids';
export * from './messaging';
export * from './saga';
export * from './service';
export * from './unit-of-work';
export * from './web';
