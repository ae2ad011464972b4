// The contract's own examples (pixel-api.txt, "最佳实践" 2, 3 and 4, and "迁移指南"), with no changes but these: each is in
// a function, to be called, and says what it found by `return`. They run in node, where a relative address has no page to
// be relative to: that is the only thing that is added to `fetch`, and a body that is a string goes out as it does in a
// browser, as text/plain.
const base = process.argv[2];
const nodeFetch = globalThis.fetch;
const seen = [];
globalThis.fetch = async (url, options) => {
  const response = await nodeFetch(new URL(url, base), options);
  seen.push(`${options?.method ?? 'GET'} ${url.split('/').slice(0, 5).join('/')} ${response.status}`);
  return response;
};

// 2. 获取可用模型
async function useTheFirstModel() {
  // 1. 获取模型配置
  const response = await fetch('/api/v1/models');
  const { data } = await response.json();
  // 2. 使用模型 ID
  const imageModels = data.image;
  const modelId = Object.keys(imageModels)[0]; // "dashscope/qwen-image"
  // 3. 调用生成 API
  return [modelId, await fetch('/api/v1/generations/image', {
    method: 'POST',
    body: JSON.stringify({
      prompt: "a cat",
      model: modelId
    })
  })];
}

// 3. 错误处理
async function handleErrors() {
  try {
    const response = await fetch('/api/v1/generations/image', {
      method: 'POST',
      body: JSON.stringify({
        prompt: "a cat",
        model: "dashscope/qwen-image"
      })
    });
    if (!response.ok) {
      const error = await response.json();
      console.error('API Error:', error.message);
      return;
    }
    const { data } = await response.json();
    console.log('Task ID:', data.task_id);
    return data.task_id;
  } catch (error) {
    console.error('Network Error:', error);
  }
}

// 4. 轮询任务状态
async function waitForTask(taskId) {
  while (true) {
    const response = await fetch(`/api/v1/tasks/${taskId}`);
    const { data } = await response.json();
    if (data.status === 'completed') {
      return data.result;
    }
    if (data.status === 'failed') {
      throw new Error('Task failed');
    }
    // 等待 2 秒后重试
    await new Promise(resolve => setTimeout(resolve, 2000));
  }
}

// 旧代码
async function theOldWay() {
  return await fetch('/api/v1/generations/image', {
    method: 'POST',
    body: JSON.stringify({
      prompt: "a cat",
      model: "qwen-image",
      provider: "dashscope" // ❌ 不再支持
    })
  });
}

const errors = [];
console.error = (...words) => errors.push(words.join(' '));
console.log = () => {};

const [model, response] = await useTheFirstModel();
const handledTask = await handleErrors();
const refused = await fetch('/api/v1/generations/image', {
  method: 'POST',
  body: JSON.stringify({ prompt: 'a cat', model: 'sandbox/image', extraParams: { sandbox: { fault: 'refused' } } })
});
const [result, handled, failure] = await Promise.all([
  response.json().then(({ data }) => waitForTask(data.task_id)),
  handledTask ? waitForTask(handledTask) : null,
  refused.json().then(({ data }) => waitForTask(data.task_id)).then(() => null, error => error.message)
]);
const file = await fetch(result.images[0].url);
const old = await theOldWay();

process.stdout.write(JSON.stringify({
  model,
  result,
  file: [file.status, file.headers.get('content-type'), (await file.arrayBuffer()).byteLength],
  handled,
  errors,
  failure,
  old: [old.status, await old.json()],
  seen
}));
