import { renderTable, written } from '../../src/bench/table';

describe('a table', () => {
  it('has the first column to the left and the others to the right, and its notes below', () => {
    const text = renderTable({
      title: 'Speed',
      columns: ['in flight', 'orders/s'],
      rows: [
        ['8', 12.345],
        ['128', undefined],
      ],
      notes: ['more is better'],
    });
    expect(text.split('\n')).toEqual([
      'Speed',
      '',
      '  in flight  orders/s',
      '  ---------  --------',
      '  8              12.3',
      '  128               -',
      '    more is better',
    ]);
  });
});

describe('a number', () => {
  it.each([
    [1234.5, '1235'],
    [100, '100'],
    [42.345, '42.3'],
    [4.2345, '4.23'],
    [0.0042345, '0.0042'],
    [0, '0'],
    [NaN, '-'],
    [-42.345, '-42.3'],
  ])('%d is written with the digits that matter: %s', (value, text) => {
    expect(written(value)).toBe(text);
  });
});
